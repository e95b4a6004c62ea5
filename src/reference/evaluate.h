#pragma once

#include <span>
#include <vector>

#include "ir/infer.h"
#include "ir/tensor.h"

namespace nitro::reference {

/// Operands and results of one execution. Results are allocated, zero-filled, with inferred types.
class Call {
 public:
  Call(std::span<const Tensor* const> inputs, std::vector<Tensor>& outputs)
      : inputs_(inputs), outputs_(outputs) {}
  size_t inputs() const { return inputs_.size(); }
  size_t outputs() const { return outputs_.size(); }
  bool has(size_t i) const { return i < inputs_.size() && inputs_[i]; }
  const Tensor& in(size_t i) const { return *inputs_[i]; }
  Tensor& out(size_t i = 0) { return outputs_[i]; }

 private:
  std::span<const Tensor* const> inputs_;
  std::vector<Tensor>& outputs_;
};

/// Computes `op` by plain loops: sums in double (int64 for integers), results rounded once to their
/// dtype. The oracle of every backend. One explicit specialisation per op. Fails only on operand
/// values that the op forbids, such as an index out of range (kBadModel), and with kUnsupportedOp.
template <class OpT>
Result<void> evaluate(const OpT& op, Call& call);

/// Infers the types, then evaluates.
Result<std::vector<Tensor>> evaluate_op(const Op& op, std::span<const Tensor* const> inputs);

}  // namespace nitro::reference
