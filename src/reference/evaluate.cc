#include "reference/evaluate.h"

#include "base/text.h"

namespace nitro::reference {

template <>
Result<void> evaluate(const Opaque& op, Call&) {
  return fail(ErrorCode::kUnsupportedOp, "operator {}{}{} is not executed by the reference",
              display(op.domain), op.domain.empty() ? "" : ".", display(op.op_type));
}

Result<std::vector<Tensor>> evaluate_op(const Op& op, std::span<const Tensor* const> inputs) {
  std::vector<const TensorType*> operands;
  for (const Tensor* input : inputs) operands.push_back(input ? &input->type() : nullptr);
  std::vector<Tensor> outputs;
  for (TensorType& type : TRY(infer_types(op, operands))) outputs.emplace_back(std::move(type));
  Call call(inputs, outputs);
  TRY(std::visit([&](const auto& known) { return evaluate(known, call); }, op));
  return outputs;
}

}  // namespace nitro::reference
