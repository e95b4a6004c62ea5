#pragma once

#include <vector>

#include "passes/lossy/dense.h"

namespace nitro::passes {

/// Two linear layers with nothing but elementwise ops between them, where each value of the middle
/// comes from one column of the first and meets one row of the second.
struct Mlp {
  const Dense* first;
  std::vector<const Node*> between;
  const Dense* second;
};

/// Those of a graph whose inner values nothing else reads.
std::vector<Mlp> find_mlps(const DenseLayers& layers);

/// Emits `node`, one between the layers of an MLP, for the columns `kept` of its operand alone.
Result<void> emit_between(Rewriter& rewriter, const Node& node, const std::vector<size_t>& kept);

/// The elements `kept` of the last axis; as it is where that has one element or none.
Tensor last_axis_part(const Tensor& tensor, const std::vector<size_t>& kept);

}  // namespace nitro::passes
