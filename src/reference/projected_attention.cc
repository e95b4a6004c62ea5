#include "reference/evaluate.h"

namespace nitro::reference {

/// By the ops it is made of.
template <>
Result<void> evaluate(const ProjectedAttention& op, Call& call) {
  const Tensor* projection[] = {&call.in(0), &call.in(1)};
  const Tensor product = TRY(evaluate_op(MatMul{}, projection))[0];
  const Tensor* sum[] = {&product, &call.in(2)};
  const Tensor packed = TRY(evaluate_op(Binary{BinaryKind::kAdd}, sum))[0];
  const int64_t width = packed.shape()[2] / 3;
  const Tensor* whole[] = {&packed};
  const std::vector<Tensor> parts = TRY(evaluate_op(Split{2, {width, width, width}}, whole));
  std::vector<const Tensor*> operands = {&parts[0], &parts[1], &parts[2]};
  if (call.has(3)) operands.push_back(&call.in(3));
  call.out() = TRY(evaluate_op(Attention{op.heads, op.heads, op.scale, false, 0}, operands))[0];
  return {};
}

}  // namespace nitro::reference
