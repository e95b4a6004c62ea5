#pragma once

#include <algorithm>
#include <span>

#include "base/parallel.h"
#include "ir/tensor.h"

namespace nitro::reference {

/// Where the elements of a box lie in a buffer: element i at offset + sum(i[axis] * strides[axis]).
struct Layout {
  int64_t offset = 0;
  std::vector<int64_t> strides;
};

/// Row-major elements of a whole tensor.
inline Layout layout_of(const Shape& shape) { return {0, strides_of(shape)}; }

/// Strides that read `from` under the broadcast `shape`: 0 along repeated axes.
Layout broadcast_layout(const Shape& from, const Shape& shape);

/// Offsets of the rows (runs along the last axis) of a box, visited in row-major order.
class RowCursor {
 public:
  RowCursor(const Shape& shape, const Layout& layout, int64_t row);
  int64_t offset() const { return offset_; }
  void next();

 private:
  const Shape& shape_;
  const Layout& layout_;
  std::vector<int64_t> index_;
  int64_t offset_;
};

/// target[target_layout at i] = source[source_layout at i] for every index i of `shape`.
template <class T>
void copy_box(const Shape& shape, const T* source, const Layout& source_layout, T* target,
              const Layout& target_layout) {
  const int64_t elements = element_count(shape);
  if (elements == 0) return;
  const int64_t length = shape.empty() ? 1 : shape.back();
  const int64_t source_step = shape.empty() ? 0 : source_layout.strides.back();
  const int64_t target_step = shape.empty() ? 0 : target_layout.strides.back();
  parallel_for(elements / length, 1 + 65536 / length, [&](int64_t begin, int64_t end) {
    RowCursor from(shape, source_layout, begin);
    RowCursor to(shape, target_layout, begin);
    for (int64_t row = begin; row < end; ++row, from.next(), to.next()) {
      const T* x = source + from.offset();
      T* y = target + to.offset();
      if (source_step == 1 && target_step == 1) {
        std::copy_n(x, length, y);
      } else {
        for (int64_t i = 0; i < length; ++i) y[i * target_step] = x[i * source_step];
      }
    }
  });
}

/// The same between two tensors of one dtype.
void copy_box(const Shape& shape, const Tensor& source, const Layout& source_layout, Tensor& target,
              const Layout& target_layout);

/// `values` of shape `from` repeated to the broadcast `shape`.
template <class T>
std::vector<T> broadcast_values(std::span<const T> values, const Shape& from, const Shape& shape) {
  std::vector<T> result(static_cast<size_t>(element_count(shape)));
  copy_box(shape, values.data(), broadcast_layout(from, shape), result.data(), layout_of(shape));
  return result;
}

/// All elements of `x` as T, repeated to the broadcast `shape`.
template <class T>
std::vector<T> broadcast_as(const Tensor& x, const Shape& shape) {
  std::vector<T> values = x.as<T>();
  if (x.shape() == shape) return values;
  return broadcast_values<T>(values, x.shape(), shape);
}

}  // namespace nitro::reference
