#pragma once

#include "ir/tensor.h"

namespace nitro::passes {

/// Weights as w = scale * q with q in -127..127.
struct QuantizedWeights {
  Tensor values;               // i8, of the shape of the weights
  std::vector<double> scales;  // of each index of the axis, or one; f32 numbers
};

/// Symmetric, so that nothing is cut off: one scale for each index of `axis` where `per_channel`.
QuantizedWeights quantize_weights(const Tensor& weights, int64_t axis, bool per_channel);

/// A bias in units of scales[i], or of the one scale, as 32-bit integers.
Tensor quantize_bias(const Tensor& bias, const std::vector<double>& scales);

}  // namespace nitro::passes
