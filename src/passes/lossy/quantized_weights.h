#pragma once

#include "ir/tensor.h"

namespace nitro::passes {

/// Weights as w = scale * q with q in -127..127.
struct QuantizedWeights {
  Tensor values;               // i8, of the shape of the weights
  std::vector<double> scales;  // of each index of the axis, or one
};

/// Symmetric, so that nothing is cut off: one scale for each index of `axis` where `per_channel`.
QuantizedWeights quantize_weights(const Tensor& weights, int64_t axis, bool per_channel);

/// With the scale of each index of `axis` that makes the squared error of its weights least, as far
/// as a search over how much of their range is covered finds it. Scales are numbers of the dtype of
/// `weights`.
QuantizedWeights fit_weights(const Tensor& weights, int64_t axis);

/// A bias in units of scales[i], or of the one scale, as 32-bit integers.
Tensor quantize_bias(const Tensor& bias, const std::vector<double>& scales);

}  // namespace nitro::passes
