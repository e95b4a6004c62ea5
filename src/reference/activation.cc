#include <cmath>
#include <numbers>

#include "reference/map.h"

namespace nitro::reference {
namespace {

double apply(const Activation& op, double x) {
  const double alpha = op.alpha;
  const double beta = op.beta;
  switch (op.kind) {
    case ActivationKind::kLeakyRelu:
      return x < 0 ? alpha * x : x;
    case ActivationKind::kElu:
      return x < 0 ? alpha * std::expm1(x) : x;
    case ActivationKind::kSelu:
      return beta * (x <= 0 ? alpha * std::expm1(x) : x);
    case ActivationKind::kCelu:
      return std::max(x, 0.0) + std::min(0.0, alpha * std::expm1(x / alpha));
    case ActivationKind::kHardSigmoid:
      return std::clamp(alpha * x + beta, 0.0, 1.0);
    case ActivationKind::kThresholdedRelu:
      return x > alpha ? x : 0;
    case ActivationKind::kShrink:
      return x < -alpha ? x + beta : x > alpha ? x - beta : 0;
    case ActivationKind::kSwish:
      return x / (1 + std::exp(-alpha * x));
    case ActivationKind::kIsInf:
      return std::isinf(x) && (x < 0 ? alpha : beta) != 0 ? 1 : 0;
  }
  return x;
}

double gelu(double x) { return 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2)); }

double tanh_gelu(double x) {
  static const double kScale = std::sqrt(2 / std::numbers::pi);
  return 0.5 * x * (1 + std::tanh(kScale * (x + 0.044715 * x * x * x)));
}

}  // namespace

template <>
Result<void> evaluate(const Activation& op, Call& call) {
  map<double>(call.in(0), call.out(), [&](double x) { return apply(op, x); });
  return {};
}

template <>
Result<void> evaluate(const Gelu& op, Call& call) {
  std::vector<double> x = call.in(0).as<double>();
  const std::vector<double> bias = call.has(1) ? call.in(1).as<double>() : std::vector{0.0};
  fill(x, [&](size_t i) {
    const double sum = x[i] + bias[i % bias.size()];
    return op.tanh ? tanh_gelu(sum) : gelu(sum);
  });
  call.out().assign<double>(x);
  return {};
}

template <>
Result<void> evaluate(const Clip& op, Call& call) {
  if (is_float(call.in(0).dtype())) {
    map<double>(call.in(0), call.out(),
                [&](double x) { return std::min(std::max(x, op.low), op.high); });
  } else {
    const auto low = Tensor::convert<int64_t>(op.low);
    const auto high = Tensor::convert<int64_t>(op.high);
    map<int64_t>(call.in(0), call.out(),
                 [&](int64_t x) { return std::min(std::max(x, low), high); });
  }
  return {};
}

}  // namespace nitro::reference
