#include "ir/shape.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/checked.h"

namespace nitro {

int64_t element_count(const Shape& shape) {
  int64_t count = 1;
  for (int64_t dim : shape) count *= dim;
  return count;
}

std::vector<int64_t> strides_of(const Shape& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

std::string text(const Shape& shape) {
  return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape, "x"));
}

Result<void> check_shape(const Shape& shape, DType dtype) {
  if (static_cast<int64_t>(shape.size()) > kMaxRank) {
    return fail(ErrorCode::kLimitExceeded, "rank {} is above the limit of {}", shape.size(),
                kMaxRank);
  }
  for (int64_t dim : shape) {
    if (dim < 0)
      return fail(ErrorCode::kBadModel, "dimension {} of shape {} is negative", dim, text(shape));
  }
  const auto elements = checked_product(shape);
  if (!elements || !checked_mul(*elements, size_of(dtype))) {
    return fail(ErrorCode::kBadModel, "shape {} overflows a 64-bit size", text(shape));
  }
  return {};
}

Result<Shape> broadcast(const Shape& a, const Shape& b) {
  Shape result(std::max(a.size(), b.size()), 1);
  for (size_t i = 0; i < result.size(); ++i) {
    const int64_t from_a = i < a.size() ? a[a.size() - 1 - i] : 1;
    const int64_t from_b = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (from_a != from_b && from_a != 1 && from_b != 1) {
      return fail(ErrorCode::kShapeMismatch, "shapes {} and {} do not broadcast", text(a), text(b));
    }
    result[result.size() - 1 - i] = from_a == 1 ? from_b : from_a;
  }
  return result;
}

Result<int64_t> normalize_axis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) {
    return fail(ErrorCode::kShapeMismatch, "axis {} is out of range for rank {}", axis, rank);
  }
  return axis < 0 ? axis + rank : axis;
}

std::string text(const TensorType& type) {
  return fmt::format("{}[{}]", name(type.dtype), fmt::join(type.shape, ","));
}

}  // namespace nitro
