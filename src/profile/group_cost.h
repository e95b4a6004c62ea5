#pragma once

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

/// `nodes` are indices into ImportedModel::nodes.
GroupCost group_cost(const onnx::ImportedModel& model, const std::vector<size_t>& nodes);

}  // namespace nitro::profile
