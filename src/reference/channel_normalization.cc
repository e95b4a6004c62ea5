#include <algorithm>
#include <cmath>

#include "reference/evaluate.h"

namespace nitro::reference {
namespace {

/// Elements of the spatial axes of x [N, C, spatial…].
size_t plane_size(const Shape& shape) {
  return static_cast<size_t>(element_count({shape.begin() + 2, shape.end()}));
}

}  // namespace

template <>
Result<void> evaluate(const BatchNormalization& op, Call& call) {
  std::vector<double> x = call.in(0).as<double>();
  const std::vector<double> scale = call.in(1).as<double>();
  const std::vector<double> bias = call.in(2).as<double>();
  const std::vector<double> mean = call.in(3).as<double>();
  const std::vector<double> variance = call.in(4).as<double>();
  const size_t plane = plane_size(call.in(0).shape());
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t c = i / plane % scale.size();
    x[i] = (x[i] - mean[c]) / std::sqrt(variance[c] + op.epsilon) * scale[c] + bias[c];
  }
  call.out().assign<double>(x);
  return {};
}

/// A vector of norm 0 stays 0.
template <>
Result<void> evaluate(const LpNormalization& op, Call& call) {
  std::vector<double> x = call.in(0).as<double>();
  const auto axis = static_cast<size_t>(op.axis);
  const auto length = static_cast<size_t>(call.in(0).shape()[axis]);
  const auto inner = static_cast<size_t>(strides_of(call.in(0).shape())[axis]);
  for (size_t start = 0; start < x.size(); ++start) {
    if (start / inner % length != 0) continue;  // not the first element of its vector
    double norm = 0;
    for (size_t i = 0; i < length; ++i) {
      const double element = x[start + i * inner];
      norm += op.p == 1 ? std::abs(element) : element * element;
    }
    if (op.p == 2) norm = std::sqrt(norm);
    if (norm == 0) continue;
    for (size_t i = 0; i < length; ++i) x[start + i * inner] /= norm;
  }
  call.out().assign<double>(x);
  return {};
}

template <>
Result<void> evaluate(const LRN& op, Call& call) {
  const std::vector<double> x = call.in(0).as<double>();
  std::vector<double> y(x.size());
  const auto plane = static_cast<int64_t>(plane_size(call.in(0).shape()));
  const int64_t channels = call.in(0).shape()[1];
  const int64_t before = (op.size - 1) / 2;
  const int64_t after = op.size - 1 - before;
  for (int64_t i = 0; i < static_cast<int64_t>(x.size()); ++i) {
    const int64_t channel = i / plane % channels;
    const int64_t first = std::max<int64_t>(-before, -channel);
    const int64_t last = std::min(after, channels - 1 - channel);
    double squares = 0;
    for (int64_t k = first; k <= last; ++k) {
      const double neighbour = x[static_cast<size_t>(i + k * plane)];
      squares += neighbour * neighbour;
    }
    const double base = op.bias + op.alpha / static_cast<double>(op.size) * squares;
    y[static_cast<size_t>(i)] = x[static_cast<size_t>(i)] / std::pow(base, op.beta);
  }
  call.out().assign<double>(y);
  return {};
}

}  // namespace nitro::reference
