#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "ir/dtype.h"

namespace nitro {

/// Static dimensions, outermost first. A scalar has none.
using Shape = std::vector<int64_t>;

inline constexpr int64_t kMaxRank = 16;

/// The product of the dimensions of a shape that check_shape() accepted.
int64_t element_count(const Shape& shape);
/// Elements between neighbours along each axis, row-major.
std::vector<int64_t> strides_of(const Shape& shape);
/// "1x3x224x224"; "scalar" for rank 0.
std::string text(const Shape& shape);
/// Dimensions not negative, rank at most kMaxRank, and a byte size that fits int64.
Result<void> check_shape(const Shape& shape, DType dtype);
/// Multidirectional (NumPy) broadcasting of both; fails with kShapeMismatch.
Result<Shape> broadcast(const Shape& a, const Shape& b);
/// `axis` in [-rank, rank) as a non-negative axis; fails with kShapeMismatch.
Result<int64_t> normalize_axis(int64_t axis, int64_t rank);

/// Type of a value.
struct TensorType {
  DType dtype = DType::kF32;
  Shape shape;
  bool operator==(const TensorType&) const = default;
  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
  int64_t elements() const { return element_count(shape); }
  int64_t bytes() const { return elements() * size_of(dtype); }
};

/// "f32[1,3,224,224]"
std::string text(const TensorType& type);

}  // namespace nitro
