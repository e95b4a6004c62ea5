#include "ir/window.h"

namespace nitro {

template <>
Result<Types> infer(const Pool& op, const Operands& in) {
  TRY(in.expect()
          .count(1, 1)
          .rank_at_least(0, 3)
          .that(in.has(0) && (op.kind == PoolKind::kMax ? in[0].dtype != DType::kBool
                                                        : is_float(in[0].dtype)),
                "the dtype cannot be pooled")
          .that(op.p >= 1, "p must be at least 1")
          .done());
  const auto spatial = std::span(in[0].shape).subspan(2);
  TRY(check_window({op.kernel, op.strides, op.dilations, op.pads_before, op.pads_after},
                   spatial.size(), in));
  TRY(check_spatial(spatial, in));
  TRY(check_spatial(op.out, in));
  TRY(in.expect()
          .that(op.out.size() == spatial.size(), "out needs one entry per spatial axis")
          .done());
  TensorType type{in[0].dtype, {in[0].shape[0], in[0].shape[1]}};
  for (size_t i = 0; i < spatial.size(); ++i) {
    const int64_t padded = spatial[i] + op.pads_before[i] + op.pads_after[i];
    TRY(in.expect()
            .that(op.out[i] <= (padded - 1) / op.strides[i] + 1, "a window starts behind the input")
            .done());
    type.shape.push_back(op.out[i]);
  }
  if (op.kind != PoolKind::kMax) return Types{type};
  return Types{type, {DType::kI64, type.shape}};
}

}  // namespace nitro
