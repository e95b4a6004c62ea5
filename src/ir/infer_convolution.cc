#include "ir/window.h"

namespace nitro {
namespace {

Ints kernel_of(const TensorType& weights) {
  return {weights.shape.begin() + 2, weights.shape.end()};
}

std::span<const int64_t> spatial_of(const TensorType& x) { return std::span(x.shape).subspan(2); }

/// Shape of a convolution of operand 0 with the weights of operand 1.
template <class OpT>
Result<Shape> convolve(const OpT& op, const Operands& in) {
  TRY(in.expect()
          .rank_at_least(0, 3)
          .rank(1, in[0].rank())
          .that(op.group >= 1, "group must be at least 1")
          .done());
  const Shape& x = in[0].shape;
  const Shape& w = in[1].shape;
  TRY(in.expect()
          .that(x[1] % op.group == 0 && x[1] / op.group == w[1],
                "the channels of the input are not group times those of the weights")
          .that(w[0] % op.group == 0, "the output channels do not divide into groups")
          .done());
  const Ints kernel = kernel_of(in[1]);
  const Window window{kernel, op.strides, op.dilations, op.pads_before, op.pads_after};
  Shape shape{x[0], w[0]};
  for (int64_t size : TRY(window_output(window, spatial_of(in[0]), in))) shape.push_back(size);
  return shape;
}

}  // namespace

template <>
Result<Types> infer(const Conv& op, const Operands& in) {
  TRY(in.expect().count(2, 3).floating(0).same_dtype(0, 1).same_dtype(0, 2).done());
  const Shape shape = TRY(convolve(op, in));
  TRY(in.expect().shape(2, {shape[1]}).done());
  return Types{{in[0].dtype, shape}};
}

template <>
Result<Types> infer(const ConvInteger& op, const Operands& in) {
  TRY(in.expect()
          .count(2, 4)
          .dtype(0, {DType::kI8, DType::kU8})
          .dtype(1, {DType::kI8, DType::kU8})
          .same_dtype(0, 2)
          .same_dtype(1, 3)
          .done());
  const Shape shape = TRY(convolve(op, in));
  TRY(in.expect()
          .that(!in.has(2) || in[2].elements() == 1, "operand 2 must have one element")
          .that(!in.has(3) || in[3].elements() == 1 || in[3].shape == Shape{shape[1]},
                "operand 3 must have one element, or one per output channel")
          .done());
  return Types{{DType::kI32, shape}};
}

template <>
Result<Types> infer(const ConvTranspose& op, const Operands& in) {
  TRY(in.expect().count(2, 3).floating(0).same_dtype(0, 1).same_dtype(0, 2).done());
  TRY(in.expect()
          .rank_at_least(0, 3)
          .rank(1, in[0].rank())
          .that(op.group >= 1, "group must be at least 1")
          .done());
  const Shape& x = in[0].shape;
  const Shape& w = in[1].shape;
  const Ints kernel = kernel_of(in[1]);
  TRY(check_window({kernel, op.strides, op.dilations, op.pads_before, op.pads_after}, kernel.size(),
                   in));
  TRY(check_spatial(op.output_padding, in));
  TRY(in.expect()
          .that(op.output_padding.size() == kernel.size(),
                "output_padding needs one entry per spatial axis")
          .that(x[1] == w[0] && x[1] % op.group == 0,
                "the channels of input and weights differ or do not divide into groups")
          .done());
  Shape shape{x[0], w[1]};
  TRY(in.expect()
          .that(!__builtin_mul_overflow(w[1], op.group, &shape[1]), "too many output channels")
          .shape(2, {shape[1]})
          .done());
  for (size_t i = 0; i < kernel.size(); ++i) {
    TRY(in.expect()
            .that(x[i + 2] >= 1 && x[i + 2] < (int64_t{1} << 31),
                  "a spatial axis is empty or too long")
            .done());
    const int64_t size = op.strides[i] * (x[i + 2] - 1) + op.output_padding[i] +
                         dilated_extent(kernel[i], op.dilations[i]) - op.pads_before[i] -
                         op.pads_after[i];
    TRY(in.expect().that(size >= 1, "the pads are larger than the output").done());
    shape.push_back(size);
  }
  return Types{{in[0].dtype, shape}};
}

}  // namespace nitro
