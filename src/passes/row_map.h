#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"

namespace nitro::passes {

/// A value as rows of another: its elements, in order, are the rows `rows[i]` (each of `width`
/// consecutive elements) of `source`. What Reshape, Transpose, Slice, Split, Gather by constants
/// and Concat of one source do to whole rows.
struct RowMap {
  ValueId source = kNoValue;
  int64_t width = 1;
  std::vector<int64_t> rows;
};

/// The map of output `output` of `node`, given the maps of its inputs (nullptr: the input is its
/// own source is not assumed). Nothing if the op does not move whole rows of one source.
std::optional<RowMap> move_rows(const Graph& graph, const Node& node, size_t output,
                                const std::vector<const RowMap*>& inputs);

/// The rows of `value` itself.
RowMap identity_rows(const Graph& graph, ValueId value, int64_t width);

/// `value` traced back through movement to `source`, in rows of `width`; nothing where it is not
/// so.
std::optional<RowMap> trace_rows(const Graph& graph, ValueId value, ValueId source, int64_t width);

/// As trace_rows() for op(x) of a node that does not exist.
std::optional<RowMap> move_rows(const Op& op, const Shape& shape, const RowMap& input);

bool is_identity(const std::vector<int64_t>& rows);
/// Each of 0 … size-1 exactly once.
bool is_permutation(const std::vector<int64_t>& rows);
std::vector<int64_t> inverse(const std::vector<int64_t>& permutation);
/// rows[i] = outer[inner[i]]
std::vector<int64_t> compose(const std::vector<int64_t>& outer, const std::vector<int64_t>& inner);

}  // namespace nitro::passes
