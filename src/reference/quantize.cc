#include <algorithm>
#include <cmath>

#include "reference/evaluate.h"

namespace nitro::reference {
namespace {

/// Which entry of the parameters belongs to each element: none but 0, or the position along an
/// axis.
class ParameterIndex {
 public:
  ParameterIndex(const Tensor& x, const Tensor& scale, int64_t axis) {
    if (scale.elements() == 1) return;
    inner_ = static_cast<size_t>(strides_of(x.shape())[static_cast<size_t>(axis)]);
    count_ = static_cast<size_t>(scale.elements());
  }
  size_t operator()(size_t element) const { return element / inner_ % count_; }

 private:
  size_t inner_ = 1;
  size_t count_ = 1;
};

std::vector<double> zero_points(const Call& call) {
  if (call.has(2)) return call.in(2).as<double>();
  return std::vector<double>(static_cast<size_t>(call.in(1).elements()), 0.0);
}

/// x / scale, rounded to the nearest even. In f32 where neither is f64: a tie must be one for every
/// backend.
double quotient(double x, double scale, bool wide) {
  if (wide) return std::nearbyint(x / scale);
  return static_cast<double>(std::nearbyint(static_cast<float>(x) / static_cast<float>(scale)));
}

}  // namespace

template <>
Result<void> evaluate(const QuantizeLinear& op, Call& call) {
  const std::vector<double> x = call.in(0).as<double>();
  const std::vector<double> scale = call.in(1).as<double>();
  const std::vector<double> zero = zero_points(call);
  const ParameterIndex parameter(call.in(0), call.in(1), op.axis);
  const bool wide = call.in(0).dtype() == DType::kF64 || call.in(1).dtype() == DType::kF64;
  std::vector<double> y(x.size());
  for (size_t i = 0; i < y.size(); ++i) {
    y[i] = quotient(x[i], scale[parameter(i)], wide) + zero[parameter(i)];
  }
  call.out().assign<double>(y);
  return {};
}

template <>
Result<void> evaluate(const DequantizeLinear& op, Call& call) {
  std::vector<double> x = call.in(0).as<double>();
  const std::vector<double> scale = call.in(1).as<double>();
  const std::vector<double> zero = zero_points(call);
  const ParameterIndex parameter(call.in(0), call.in(1), op.axis);
  for (size_t i = 0; i < x.size(); ++i) x[i] = (x[i] - zero[parameter(i)]) * scale[parameter(i)];
  call.out().assign<double>(x);
  return {};
}

template <>
Result<void> evaluate(const DynamicQuantizeLinear&, Call& call) {
  const auto x = call.in(0).data<float>();
  float low = 0;
  float high = 0;
  for (float element : x) {
    low = std::min(low, element);
    high = std::max(high, element);
  }
  const float scale = low == high ? 1.0F : (high - low) / 255;
  const float exact = std::nearbyint(-low / scale);  // NaN where an input is infinite
  const float zero = exact >= 0 ? std::min(exact, 255.0F) : 0.0F;
  std::vector<double> y;
  for (float element : x) {
    y.push_back(static_cast<double>(std::nearbyint(element / scale)) + static_cast<double>(zero));
  }
  call.out(0).assign<double>(y);
  call.out(1).mutable_data<float>()[0] = scale;
  call.out(2).mutable_data<uint8_t>()[0] = static_cast<uint8_t>(zero);
  return {};
}

}  // namespace nitro::reference
