#include <cmath>

#include "reference/map.h"

namespace nitro::reference {
namespace {

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

/// Calls use(f) with the function of `kind` on doubles.
template <class Use>
void with_function(UnaryKind kind, Use&& use) {
  switch (kind) {
    case UnaryKind::kAbs:
      return use([](double x) { return std::abs(x); });
    case UnaryKind::kNeg:
      return use([](double x) { return -x; });
    case UnaryKind::kSign:
      return use([](double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; });
    case UnaryKind::kCeil:
      return use([](double x) { return std::ceil(x); });
    case UnaryKind::kFloor:
      return use([](double x) { return std::floor(x); });
    case UnaryKind::kRound:
      return use([](double x) { return std::nearbyint(x); });
    case UnaryKind::kSqrt:
      return use([](double x) { return std::sqrt(x); });
    case UnaryKind::kExp:
      return use([](double x) { return std::exp(x); });
    case UnaryKind::kLog:
      return use([](double x) { return std::log(x); });
    case UnaryKind::kReciprocal:
      return use([](double x) { return 1 / x; });
    case UnaryKind::kSin:
      return use([](double x) { return std::sin(x); });
    case UnaryKind::kCos:
      return use([](double x) { return std::cos(x); });
    case UnaryKind::kTan:
      return use([](double x) { return std::tan(x); });
    case UnaryKind::kAsin:
      return use([](double x) { return std::asin(x); });
    case UnaryKind::kAcos:
      return use([](double x) { return std::acos(x); });
    case UnaryKind::kAtan:
      return use([](double x) { return std::atan(x); });
    case UnaryKind::kSinh:
      return use([](double x) { return std::sinh(x); });
    case UnaryKind::kCosh:
      return use([](double x) { return std::cosh(x); });
    case UnaryKind::kTanh:
      return use([](double x) { return std::tanh(x); });
    case UnaryKind::kAsinh:
      return use([](double x) { return std::asinh(x); });
    case UnaryKind::kAcosh:
      return use([](double x) { return std::acosh(x); });
    case UnaryKind::kAtanh:
      return use([](double x) { return std::atanh(x); });
    case UnaryKind::kErf:
      return use([](double x) { return std::erf(x); });
    case UnaryKind::kRelu:
      return use([](double x) { return x < 0 ? 0.0 : x; });
    case UnaryKind::kSigmoid:
      return use([](double x) { return 1 / (1 + std::exp(-x)); });
    case UnaryKind::kSoftplus:
      return use([](double x) { return softplus(x); });
    case UnaryKind::kSoftsign:
      return use([](double x) { return x / (1 + std::abs(x)); });
    case UnaryKind::kHardSwish:
      return use([](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); });
    case UnaryKind::kMish:
      return use([](double x) { return x * std::tanh(softplus(x)); });
    case UnaryKind::kIsNaN:
      return use([](double x) { return std::isnan(x) ? 1.0 : 0.0; });
    case UnaryKind::kNot:
    case UnaryKind::kBitwiseNot:
      return;  // integers only
  }
}

/// The function of `kind` on integers and bool; sums wrap.
int64_t apply(UnaryKind kind, int64_t x) {
  const auto negated = static_cast<int64_t>(-static_cast<uint64_t>(x));
  switch (kind) {
    case UnaryKind::kAbs:
      return x < 0 ? negated : x;
    case UnaryKind::kNeg:
      return negated;
    case UnaryKind::kSign:
      return (x > 0) - (x < 0);
    case UnaryKind::kRelu:
      return std::max<int64_t>(x, 0);
    case UnaryKind::kNot:
      return x == 0;
    default:
      return ~x;  // kBitwiseNot; infer() admits no other kind
  }
}

}  // namespace

template <>
Result<void> evaluate(const Unary& op, Call& call) {
  if (is_float(call.in(0).dtype())) {
    with_function(op.kind, [&](auto function) { map<double>(call.in(0), call.out(), function); });
  } else {
    map<int64_t>(call.in(0), call.out(), [&](int64_t x) { return apply(op.kind, x); });
  }
  return {};
}

}  // namespace nitro::reference
