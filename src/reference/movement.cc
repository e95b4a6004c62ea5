#include <algorithm>

#include "reference/evaluate.h"
#include "reference/strided.h"

namespace nitro::reference {
namespace {

/// Where the part of `shape` lies that starts at `start` along `axis`.
Layout layout_from(const Shape& shape, int64_t axis, int64_t start) {
  Layout layout = layout_of(shape);
  layout.offset = start * layout.strides[static_cast<size_t>(axis)];
  return layout;
}

/// The result read from x with its axes in the order `perm`.
Layout permuted(const Shape& shape, const std::vector<int64_t>& perm) {
  const Layout whole = layout_of(shape);
  Layout layout;
  for (int64_t axis : perm) layout.strides.push_back(whole.strides[static_cast<size_t>(axis)]);
  return layout;
}

Shape permuted_shape(const Shape& shape, const std::vector<int64_t>& perm) {
  Shape result;
  for (int64_t axis : perm) result.push_back(shape[static_cast<size_t>(axis)]);
  return result;
}

/// y = x seen under `shape`, transposed by `perm`.
void transpose(const Tensor& x, const Shape& shape, const std::vector<int64_t>& perm, Tensor& y) {
  const Shape box = permuted_shape(shape, perm);
  copy_box(box, x, permuted(shape, perm), y, layout_of(box));
}

}  // namespace

template <>
Result<void> evaluate(const Reshape& op, Call& call) {
  call.out() = call.in(0).reshaped(op.shape);
  return {};
}

template <>
Result<void> evaluate(const Transpose& op, Call& call) {
  transpose(call.in(0), call.in(0).shape(), op.perm, call.out());
  return {};
}

template <>
Result<void> evaluate(const Expand& op, Call& call) {
  copy_box(op.shape, call.in(0), broadcast_layout(call.in(0).shape(), op.shape), call.out(),
           layout_of(op.shape));
  return {};
}

template <>
Result<void> evaluate(const Slice& op, Call& call) {
  if (call.out().elements() == 0) return {};
  Layout from = layout_of(call.in(0).shape());
  for (size_t i = 0; i < op.sizes.size(); ++i) {
    if (op.sizes[i] > 0) from.offset += op.starts[i] * from.strides[i];
    from.strides[i] = op.sizes[i] > 1 ? from.strides[i] * op.steps[i] : 0;
  }
  copy_box(op.sizes, call.in(0), from, call.out(), layout_of(op.sizes));
  return {};
}

template <>
Result<void> evaluate(const Concat& op, Call& call) {
  int64_t start = 0;
  for (size_t i = 0; i < call.inputs(); ++i) {
    const Tensor& part = call.in(i);
    copy_box(part.shape(), part, layout_of(part.shape()), call.out(),
             layout_from(call.out().shape(), op.axis, start));
    start += part.shape()[static_cast<size_t>(op.axis)];
  }
  return {};
}

template <>
Result<void> evaluate(const Split& op, Call& call) {
  int64_t start = 0;
  for (size_t i = 0; i < op.sizes.size(); ++i) {
    Tensor& part = call.out(i);
    copy_box(part.shape(), call.in(0), layout_from(call.in(0).shape(), op.axis, start), part,
             layout_of(part.shape()));
    start += op.sizes[i];
  }
  return {};
}

template <>
Result<void> evaluate(const Tile& op, Call& call) {
  Shape box;  // per axis of x: the repeats, then the axis itself
  Layout from;
  const Layout x = layout_of(call.in(0).shape());
  for (size_t i = 0; i < op.repeats.size(); ++i) {
    box.insert(box.end(), {op.repeats[i], call.in(0).shape()[i]});
    from.strides.insert(from.strides.end(), {0, x.strides[i]});
  }
  copy_box(box, call.in(0), from, call.out(), layout_of(box));
  return {};
}

template <>
Result<void> evaluate(const DepthToSpace& op, Call& call) {
  const Shape& y = call.out().shape();
  const int64_t height = call.in(0).shape()[2];
  const int64_t width = call.in(0).shape()[3];
  if (op.columns_first) {
    transpose(call.in(0), {y[0], y[1], op.block, op.block, height, width}, {0, 1, 4, 2, 5, 3},
              call.out());
  } else {
    transpose(call.in(0), {y[0], op.block, op.block, y[1], height, width}, {0, 3, 4, 1, 5, 2},
              call.out());
  }
  return {};
}

template <>
Result<void> evaluate(const SpaceToDepth& op, Call& call) {
  const Shape& x = call.in(0).shape();
  const Shape& y = call.out().shape();
  transpose(call.in(0), {x[0], x[1], y[2], op.block, y[3], op.block}, {0, 3, 5, 1, 2, 4},
            call.out());
  return {};
}

template <>
Result<void> evaluate(const Trilu& op, Call& call) {
  const Shape& shape = call.in(0).shape();
  const int64_t columns = shape.back();
  const int64_t rows = shape[shape.size() - 2];
  const int64_t diagonal = std::clamp(op.k, -rows, columns);
  dispatch(call.out().dtype(), [&]<class T>(std::type_identity<T>) {
    const auto x = call.in(0).data<T>();
    const auto y = call.out().mutable_data<T>();
    for (size_t i = 0; i < x.size(); ++i) {
      const auto column = static_cast<int64_t>(i) % columns;
      const auto row = static_cast<int64_t>(i) / columns % rows;
      if (op.upper ? column - row >= diagonal : column - row <= diagonal) y[i] = x[i];
    }
  });
  return {};
}

}  // namespace nitro::reference
