#include "passes/lossy/quantized_weights.h"

#include <algorithm>
#include <cmath>

namespace nitro::passes {

QuantizedWeights quantize_weights(const Tensor& weights, int64_t axis, bool per_channel) {
  const std::vector<double> values = weights.as<double>();
  const auto channels = static_cast<size_t>(weights.shape()[static_cast<size_t>(axis)]);
  const auto inner = static_cast<size_t>(strides_of(weights.shape())[static_cast<size_t>(axis)]);
  const auto place = [&](size_t i) { return per_channel ? i / inner % channels : size_t{0}; };
  QuantizedWeights result{{}, std::vector<double>(per_channel ? channels : 1, 0.0)};
  for (size_t i = 0; i < values.size(); ++i)
    result.scales[place(i)] = std::max(result.scales[place(i)], std::abs(values[i]));
  for (double& scale : result.scales) {
    const auto rounded = static_cast<double>(static_cast<float>(scale / 127));
    scale = std::isnormal(rounded) ? rounded : 1;
  }
  std::vector<int64_t> integers(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const double level = std::round(values[i] / result.scales[place(i)]);
    integers[i] = static_cast<int64_t>(std::clamp(level, -127.0, 127.0));
  }
  result.values = Tensor::of(DType::kI8, weights.shape(), integers);
  return result;
}

Tensor quantize_bias(const Tensor& bias, const std::vector<double>& scales) {
  std::vector<double> levels = bias.as<double>();
  for (size_t i = 0; i < levels.size(); ++i)
    levels[i] = std::round(levels[i] / scales[scales.size() == 1 ? 0 : i]);
  return Tensor::of(DType::kI32, bias.shape(), levels);  // saturates
}

}  // namespace nitro::passes
