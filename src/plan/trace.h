#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "ir/graph.h"

namespace nitro::plan {

/// A value as a selection of the elements of another: what movement (Reshape, Transpose, Slice,
/// Split, Gather by constants, Expand) does.
struct Traced {
  ValueId source = kNoValue;
  /// For each element of the value, in order, its place in the source; empty: the same elements in
  /// the same order.
  std::vector<int64_t> places = {};
  std::vector<NodeId> nodes = {};  // that were passed, from the source on

  bool identity() const { return places.empty(); }
  int64_t at(int64_t element) const {
    return identity() ? element : places[static_cast<size_t>(element)];
  }
};

/// `value` followed back through movement to the first value that `stop` holds for, or that
/// something else makes.
Traced trace(const Graph& graph, ValueId value, const std::function<bool(ValueId)>& stop);

/// Whether the node moves elements of its first operand and computes nothing.
bool moves(const Graph& graph, const Node& node);

}  // namespace nitro::plan
