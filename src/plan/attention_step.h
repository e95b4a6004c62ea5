#pragma once

#include <optional>

#include "ir/attention_sizes.h"
#include "plan/lowering.h"

namespace nitro::plan {

/// Nodes that one Attention step computes: an attention and the movement after it.
struct AttentionGroup {
  std::vector<NodeId> nodes;
  NodeId attention = kNoNode;
  AttentionSizes sizes;
  ValueId result = kNoValue;
  std::vector<int64_t> places =
      {};  // of the elements of the attention in `result`; empty: the same
};

/// The group of the node alone, if it is an attention that a step can compute: no bias that is
/// computed of bool, and no query that a constant bias keeps from all keys.
std::optional<AttentionGroup> attention_of(const Lowering& lowering, NodeId node);

/// Element (batch, head, token, channel) of an operand or the result, of either rank.
HeadPlaces head_places(const Shape& shape, int64_t heads);

/// Appends the step.
Result<void> lower_attention(Lowering& lowering, const AttentionGroup& group);

}  // namespace nitro::plan
