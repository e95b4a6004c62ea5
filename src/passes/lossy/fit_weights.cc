#include <algorithm>
#include <cmath>
#include <limits>

#include "base/parallel.h"
#include "passes/lossy/quantized_weights.h"

namespace nitro::passes {
namespace {

constexpr double kMostLevel = 127;
/// Shares of the range that are tried: 1 and less, in steps of 0.025.
constexpr int kShares = 16;
constexpr double kShareStep = 0.025;

double level(double value, double scale) {
  return std::clamp(std::nearbyint(value / scale), -kMostLevel, kMostLevel);
}

double rounded(double scale, DType dtype) { return Tensor::scalar(dtype, scale).as<double>()[0]; }

double squared_error(const std::vector<double>& values, double scale) {
  double sum = 0;
  for (double value : values) {
    const double error = value - scale * level(value, scale);
    sum += error * error;
  }
  return sum;
}

/// The scale for which the levels that `scale` gives are nearest to `values`.
double refined(const std::vector<double>& values, double scale) {
  double products = 0, squares = 0;
  for (double value : values) {
    const double q = level(value, scale);
    products += value * q;
    squares += q * q;
  }
  return squares > 0 ? products / squares : scale;
}

double fit_scale(const std::vector<double>& values, DType dtype) {
  double most = 0;
  for (double value : values) most = std::max(most, std::abs(value));
  double best = 1, least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kShares; ++i) {
    const double covering = rounded(most / kMostLevel * (1 - kShareStep * i), dtype);
    if (covering == 0) break;
    for (double scale : {covering, rounded(refined(values, covering), dtype)}) {
      const double error = squared_error(values, scale);
      if (error >= least) continue;
      least = error;
      best = scale;
    }
  }
  return best;
}

}  // namespace

QuantizedWeights fit_weights(const Tensor& weights, int64_t axis) {
  const std::vector<double> values = weights.as<double>();
  const auto channels = static_cast<size_t>(weights.shape()[static_cast<size_t>(axis)]);
  const auto inner = static_cast<size_t>(strides_of(weights.shape())[static_cast<size_t>(axis)]);
  QuantizedWeights result{{}, std::vector<double>(channels)};
  std::vector<int64_t> integers(values.size());
  parallel_for(static_cast<int64_t>(channels), 1, [&](int64_t begin, int64_t end) {
    for (auto c = static_cast<size_t>(begin); c < static_cast<size_t>(end); ++c) {
      std::vector<double> channel;
      const auto for_each = [&](auto body) {
        for (size_t first = c * inner; first < values.size(); first += channels * inner) {
          for (size_t i = first; i < first + inner; ++i) body(i);
        }
      };
      for_each([&](size_t i) { channel.push_back(values[i]); });
      const double scale = result.scales[c] = fit_scale(channel, weights.dtype());
      for_each([&](size_t i) { integers[i] = static_cast<int64_t>(level(values[i], scale)); });
    }
  });
  result.values = Tensor::of(DType::kI8, weights.shape(), integers);
  return result;
}

}  // namespace nitro::passes
