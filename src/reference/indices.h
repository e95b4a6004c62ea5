#pragma once

#include "ir/tensor.h"

namespace nitro::reference {

/// `index` in [-dim, dim) as one from the front; kBadModel outside it.
Result<int64_t> normalize_index(int64_t index, int64_t dim);

/// All of `indices`, each in [-dim, dim), as indices from the front; kBadModel outside it.
Result<std::vector<int64_t>> normalized_indices(const Tensor& indices, int64_t dim);

/// Offsets in a tensor of `shape` of the elements that `indices` (of its rank) address in place on
/// every axis but `axis`; kBadModel for one out of range.
Result<std::vector<int64_t>> element_offsets(const Tensor& indices, const Shape& shape,
                                             int64_t axis);

/// Element offsets that the tuples along the last axis of `indices` address in the axes of `shape`
/// from `first_axis` on; kBadModel for one out of range.
Result<std::vector<int64_t>> tuple_offsets(const Tensor& indices, const Shape& shape,
                                           int64_t first_axis);

/// Splits a shape around an axis: elements before, of, and after it.
struct AxisView {
  AxisView(const Shape& shape, int64_t axis);
  int64_t outer = 1;
  int64_t length = 1;
  int64_t inner = 1;
};

}  // namespace nitro::reference
