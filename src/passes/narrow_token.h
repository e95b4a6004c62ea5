#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"

namespace nitro::passes {

/// A node that computes one position along an axis of its outputs.
struct Narrowed {
  Op op;
  /// Per input: the axis along which one position is enough; nothing: all of it is read.
  std::vector<std::optional<int64_t>> axes;
};

/// `node` for one position along `axis` of its outputs, if every such position depends on the same
/// position of its inputs alone; otherwise nothing.
std::optional<Narrowed> narrow_token(const Graph& graph, const Node& node, int64_t axis);

}  // namespace nitro::passes
