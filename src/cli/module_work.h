#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"

namespace nitro::cli {

/// What the nodes below one module, or of one op, amount to.
struct Work {
  std::string name;
  int64_t nodes = 0;
  int64_t parameters = 0;
  double flops = 0;
  double bytes = 0;
};

/// The modules down to `depth` names, parents before children, in the order of execution; the root
/// (all of the graph) first. A constant counts where it is read first.
std::vector<Work> work_by_module(const Graph& graph, size_t depth);

/// The ops, most frequent first.
std::vector<Work> work_by_op(const Graph& graph);

/// Where a module stands in the tree: its names, 0 for the root.
size_t module_depth(const std::string& path);

}  // namespace nitro::cli
