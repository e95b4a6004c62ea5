#pragma once

#include "passes/rewriter.h"

namespace nitro::passes {

/// Emits several nodes in the place of one, and keeps the first error for the end.
class OpChain {
 public:
  OpChain(Rewriter& rewriter, const Node& node) : rewriter_(rewriter), node_(node) {}

  /// The first result of a node; kNoValue after an error.
  ValueId add(Op op, std::vector<ValueId> inputs);
  ValueId binary(BinaryKind kind, ValueId a, ValueId b) { return add(Binary{kind}, {a, b}); }
  ValueId unary(UnaryKind kind, ValueId x) { return add(Unary{kind}, {x}); }
  ValueId constant(Tensor tensor) { return rewriter_.add_constant(std::move(tensor)); }
  /// A constant of the dtype of `like`.
  ValueId scalar(double value, ValueId like);
  /// Operand `i` of the node, or kNoValue.
  ValueId operand(size_t i);
  /// Of kNoValue that of nothing.
  TensorType type(ValueId value) const {
    return value == kNoValue ? TensorType{} : rewriter_.type(value);
  }

  /// Lets `value` stand for result `i` of the node: true, or the first error.
  Result<bool> give(ValueId value, size_t i = 0);

 private:
  Rewriter& rewriter_;
  const Node& node_;
  Result<void> status_ = {};
};

}  // namespace nitro::passes
