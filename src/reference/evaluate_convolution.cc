#include "reference/convolution.h"
#include "reference/evaluate.h"

namespace nitro::reference {
namespace {

Shape spatial(const Tensor& tensor) { return {tensor.shape().begin() + 2, tensor.shape().end()}; }

template <class OpT>
Convolution convolution_of(const OpT& op, Call& call) {
  Convolution shape;
  shape.batch = call.in(0).shape()[0];
  shape.group = op.group;
  shape.in_channels = call.in(0).shape()[1] / op.group;
  shape.out_channels = call.out().shape()[1] / op.group;
  shape.input = spatial(call.in(0));
  shape.output = spatial(call.out());
  shape.kernel = spatial(call.in(1));
  shape.strides = op.strides;
  shape.dilations = op.dilations;
  shape.pads_before = op.pads_before;
  return shape;
}

void add_bias(const std::vector<double>& bias, int64_t plane, std::vector<double>& y) {
  for (size_t i = 0; i < y.size(); ++i) y[i] += bias[i / static_cast<size_t>(plane) % bias.size()];
}

void convolve_call(const Convolution& shape, Call& call) {
  std::vector<double> y = convolve(shape, call.in(0).as<double>(), call.in(1).as<double>());
  if (call.has(2)) add_bias(call.in(2).as<double>(), element_count(shape.output), y);
  call.out().assign<double>(y);
}

/// Operand `i` less its zero point in operand `zero`, which may hold one per entry of axis 0.
std::vector<double> centred(const Call& call, size_t i, size_t zero) {
  std::vector<double> values = call.in(i).as<double>();
  if (!call.has(zero)) return values;
  const std::vector<double> points = call.in(zero).as<double>();
  for (size_t k = 0; k < values.size(); ++k) values[k] -= points[k * points.size() / values.size()];
  return values;
}

}  // namespace

template <>
Result<void> evaluate(const Conv& op, Call& call) {
  convolve_call(convolution_of(op, call), call);
  return {};
}

template <>
Result<void> evaluate(const ConvTranspose& op, Call& call) {
  Convolution shape = convolution_of(op, call);
  shape.transposed = true;
  convolve_call(shape, call);
  return {};
}

template <>
Result<void> evaluate(const ConvInteger& op, Call& call) {
  const std::vector<double> y =
      convolve(convolution_of(op, call), centred(call, 0, 2), centred(call, 1, 3));
  call.out().assign<int64_t>(std::vector<int64_t>(y.begin(), y.end()));
  return {};
}

}  // namespace nitro::reference
