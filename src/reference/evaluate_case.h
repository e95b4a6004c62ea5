#pragma once

#include "reference/evaluate.h"

namespace nitro::reference {

/// evaluate_op() on operands that are all present, for tests.
inline Result<std::vector<Tensor>> evaluate_case(const Op& op, const std::vector<Tensor>& inputs) {
  std::vector<const Tensor*> pointers;
  for (const Tensor& input : inputs) pointers.push_back(&input);
  return evaluate_op(op, pointers);
}

/// The elements of the first result; throws where evaluation fails.
inline std::vector<double> values_case(const Op& op, const std::vector<Tensor>& inputs) {
  return evaluate_case(op, inputs).value().at(0).as<double>();
}

inline Tensor floats(Shape shape, const std::vector<double>& values) {
  return Tensor::of(DType::kF32, std::move(shape), values);
}

inline Tensor integers(Shape shape, const std::vector<int64_t>& values, DType dtype = DType::kI64) {
  return Tensor::of(dtype, std::move(shape), values);
}

/// A tensor of f32 that counts 0, 1, 2 …
inline Tensor counting(Shape shape) {
  std::vector<double> values(static_cast<size_t>(element_count(shape)));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  return floats(std::move(shape), values);
}

}  // namespace nitro::reference
