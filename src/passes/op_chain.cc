#include "passes/op_chain.h"

namespace nitro::passes {

ValueId OpChain::add(Op op, std::vector<ValueId> inputs) {
  if (!status_) return kNoValue;
  auto result = rewriter_.emit(std::move(op), std::move(inputs), {&node_});
  if (result) return *result;
  status_ = std::unexpected(std::move(result).error());
  return kNoValue;
}

ValueId OpChain::scalar(double value, ValueId like) {
  return status_ ? constant(Tensor::scalar(type(like).dtype, value)) : kNoValue;
}

ValueId OpChain::operand(size_t i) {
  const bool given = i < node_.inputs.size() && node_.inputs[i] != kNoValue;
  return given ? rewriter_.mapped(node_.inputs[i]) : kNoValue;
}

Result<bool> OpChain::give(ValueId value, size_t i) {
  TRY(status_);
  rewriter_.replace(node_.outputs[i], value);
  return true;
}

}  // namespace nitro::passes
