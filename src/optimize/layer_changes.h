#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "ir/graph.h"

namespace nitro::optimize {

/// What a module of the original model consists of, by the origins of nodes.
struct LayerWork {
  std::string ops;  // "MatMul [32,128], Add [128]": each with its last constant, in order
  double flops = 0;
  double weight_bytes = 0;  // of constants, each counted where it is read first
};

/// A module that a rewrite changed. Empty `ops`: it has no nodes of its own any more, or had none.
struct LayerChange {
  std::string module;  // the innermost that holds all origins of its nodes, else the node's name
  LayerWork before;
  LayerWork after;
};

/// The modules whose own nodes differ, in execution order; those that are new come last. Nodes
/// without FLOPs and constants, which only move elements, are left out.
std::vector<LayerChange> layer_changes(const Graph& before, const Graph& after);

Json to_json(const std::vector<LayerChange>& changes);

}  // namespace nitro::optimize
