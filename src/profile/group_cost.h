#pragma once

#include <cstdint>
#include <vector>

#include "cost/cost.h"
#include "onnx/import_model.h"

namespace nitro::profile {

/// Work of IR nodes executed as one kernel: all FLOPs, and only the bytes that enter or leave the
/// group, each tensor once. Reshapes are aliases, not traffic.
struct GroupCost {
  double flops = 0;
  double bytes = 0;
  bool only_movement = true;  // nothing but reshape, transpose, slice, concat, gather … inside
};

/// Finds the cost of groups of nodes of one model, which must outlive it.
class GroupCosts {
 public:
  explicit GroupCosts(const onnx::ImportedModel& model);
  /// `nodes` are indices into ImportedModel::nodes.
  GroupCost of(const std::vector<size_t>& nodes) const;

 private:
  double bytes_of(const std::vector<const Node*>& members) const;

  const onnx::ImportedModel& model_;
  std::vector<ValueId> stored_;  // of each value, the one that it is a reshaped view of
  std::vector<uint32_t> reads_;  // of each stored value, by nodes and as an output of the graph
};

}  // namespace nitro::profile
