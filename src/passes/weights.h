#pragma once

#include <vector>

#include "ir/tensor.h"

namespace nitro::passes {

/// Dense values of a constant in double, for arithmetic that is rounded once, at the end.
struct Weights {
  explicit Weights(const Tensor& tensor) : type(tensor.type()), values(tensor.as<double>()) {}
  explicit Weights(TensorType zeros)
      : type(std::move(zeros)), values(static_cast<size_t>(type.elements()), 0.0) {}
  Tensor tensor() const { return Tensor::of(type.dtype, type.shape, values); }

  TensorType type;
  std::vector<double> values;
};

}  // namespace nitro::passes
