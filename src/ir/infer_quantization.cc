#include "ir/infer.h"

namespace nitro {
namespace {

/// Scale and zero point hold one element, or one per element of `axis`.
Result<void> expect_parameters(const Operands& in, int64_t axis) {
  if (in[1].elements() != 1) {
    TRY(in.expect()
            .that(axis >= 0 && axis < in[0].rank(), "the axis is out of range")
            .rank(1, 1)
            .done());
    TRY(in.expect().shape(1, {in[0].shape[static_cast<size_t>(axis)]}).done());
  }
  return in.expect()
      .that(!in.has(2) || in[2].elements() == in[1].elements(),
            "scale and zero point differ in length")
      .done();
}

}  // namespace

template <>
Result<Types> infer(const QuantizeLinear& op, const Operands& in) {
  TRY(in.expect()
          .count(2, 3)
          .dtype(0, {DType::kF32, DType::kF16, DType::kBF16, DType::kF64, DType::kI32})
          .floating(1)
          .dtype(2, {DType::kI8, DType::kU8})
          .done());
  TRY(expect_parameters(in, op.axis));
  return Types{{in.has(2) ? in[2].dtype : DType::kU8, in[0].shape}};
}

template <>
Result<Types> infer(const DequantizeLinear& op, const Operands& in) {
  TRY(in.expect()
          .count(2, 3)
          .dtype(0, {DType::kI8, DType::kU8, DType::kI32})
          .floating(1)
          .same_dtype(0, 2)
          .done());
  TRY(expect_parameters(in, op.axis));
  return Types{{in[1].dtype, in[0].shape}};
}

template <>
Result<Types> infer(const DynamicQuantizeLinear&, const Operands& in) {
  TRY(in.expect().count(1, 1).dtype(0, {DType::kF32}).done());
  return Types{{DType::kU8, in[0].shape}, {DType::kF32, {}}, {DType::kU8, {}}};
}

}  // namespace nitro
