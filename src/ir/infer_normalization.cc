#include <algorithm>

#include "ir/infer.h"

namespace nitro {
namespace {

/// Of the statistics that a normalisation computes.
DType statistic_dtype(const TensorType& x) {
  return x.dtype == DType::kF64 ? DType::kF64 : DType::kF32;
}

Result<void> expect_axis(const Operands& in, int64_t axis) {
  return in.expect()
      .that(axis >= 0 && in.has(0) && axis < in[0].rank(), "the axis is out of range")
      .done();
}

Result<void> expect_per_channel(const Operands& in, size_t first, size_t last) {
  TRY(in.expect().rank_at_least(0, 2).done());
  const Shape wanted{in[0].shape[1]};
  for (size_t i = first; i <= last; ++i) TRY(in.expect().floating(i).shape(i, wanted).done());
  return {};
}

}  // namespace

template <>
Result<Types> infer(const LayerNormalization& op, const Operands& in) {
  TRY(in.expect().count(2, 3).floating(0).same_dtype(0, 1).same_dtype(0, 2).done());
  TRY(expect_axis(in, op.axis));
  const Shape normalized(in[0].shape.begin() + op.axis, in[0].shape.end());
  TRY(in.expect().shape(1, normalized).shape(2, normalized).done());
  TensorType statistic{statistic_dtype(in[0]), in[0].shape};
  for (size_t i = static_cast<size_t>(op.axis); i < statistic.shape.size(); ++i) {
    statistic.shape[i] = 1;
  }
  return Types{in[0], statistic, statistic};
}

template <>
Result<Types> infer(const SkipLayerNormalization&, const Operands& in) {
  TRY(in.expect().count(3, 5).floating(0).rank_at_least(0, 1).done());
  TRY(in.expect().shape(1, in[0].shape).done());
  const Shape last{in[0].shape.back()};
  for (size_t i = 1; i < in.count(); ++i) TRY(in.expect().same_dtype(0, i).done());
  for (size_t i = 2; i < in.count(); ++i) TRY(in.expect().shape(i, last).done());
  return Types{in[0], in[0]};
}

template <>
Result<Types> infer(const RMSNormalization& op, const Operands& in) {
  TRY(in.expect().count(2, 2).floating(0).same_dtype(0, 1).done());
  TRY(expect_axis(in, op.axis));
  TRY(in.expect().shape(1, {in[0].shape.begin() + op.axis, in[0].shape.end()}).done());
  return Types{in[0]};
}

template <>
Result<Types> infer(const GroupNormalization& op, const Operands& in) {
  TRY(in.expect().count(3, 3).floating(0).same_dtype(0, 1).same_dtype(0, 2).done());
  TRY(expect_per_channel(in, 1, 2));
  TRY(in.expect()
          .that(op.groups >= 1 && in[0].shape[1] % std::max<int64_t>(1, op.groups) == 0,
                "the channels do not divide into groups")
          .done());
  return Types{in[0]};
}

template <>
Result<Types> infer(const BatchNormalization&, const Operands& in) {
  TRY(in.expect().count(5, 5).floating(0).done());
  TRY(expect_per_channel(in, 1, 4));
  return Types{in[0]};
}

template <>
Result<Types> infer(const LpNormalization& op, const Operands& in) {
  TRY(in.expect().count(1, 1).floating(0).that(op.p == 1 || op.p == 2, "p must be 1 or 2").done());
  TRY(expect_axis(in, op.axis));
  return Types{in[0]};
}

template <>
Result<Types> infer(const LRN& op, const Operands& in) {
  TRY(in.expect()
          .count(1, 1)
          .floating(0)
          .rank_at_least(0, 2)
          .that(op.size >= 1, "size must be at least 1")
          .done());
  return Types{in[0]};
}

template <>
Result<Types> infer(const Softmax& op, const Operands& in) {
  TRY(in.expect().count(1, 1).floating(0).done());
  TRY(expect_axis(in, op.axis));
  return Types{in[0]};
}

}  // namespace nitro
