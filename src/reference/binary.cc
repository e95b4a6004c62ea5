#include <cmath>

#include "reference/map.h"
#include "reference/strided.h"

namespace nitro::reference {
namespace {

/// NumPy's: a NaN operand is the result.
double smaller(double a, double b) { return std::isnan(a) || a < b ? a : b; }
double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }

/// Remainder with the sign of b.
double modulo(double a, double b) {
  const double rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

double apply(BinaryKind kind, double a, double b) {
  switch (kind) {
    case BinaryKind::kAdd:
      return a + b;
    case BinaryKind::kSub:
      return a - b;
    case BinaryKind::kMul:
      return a * b;
    case BinaryKind::kDiv:
      return a / b;
    case BinaryKind::kPow:
      return std::pow(a, b);
    case BinaryKind::kMod:
      return modulo(a, b);
    case BinaryKind::kFmod:
      return std::fmod(a, b);
    case BinaryKind::kMin:
      return smaller(a, b);
    case BinaryKind::kMax:
      return larger(a, b);
    case BinaryKind::kPRelu:
      return a < 0 ? a * b : a;
    case BinaryKind::kEqual:
      return a == b;
    case BinaryKind::kLess:
      return a < b;
    case BinaryKind::kLessOrEqual:
      return a <= b;
    case BinaryKind::kGreater:
      return a > b;
    case BinaryKind::kGreaterOrEqual:
      return a >= b;
    default:
      return 0;  // logic and bits: infer() admits no floats
  }
}

/// base ** exponent, wrapping; 0 for a fraction, as integer division gives it.
int64_t power(int64_t base, int64_t exponent) {
  if (exponent < 0) return base == 1 || (base == -1 && exponent % 2 == 0) ? 1 : base == -1 ? -1 : 0;
  uint64_t result = 1;
  auto factor = static_cast<uint64_t>(base);
  for (auto rest = static_cast<uint64_t>(exponent); rest > 0; rest >>= 1) {
    if (rest & 1) result *= factor;
    factor *= factor;
  }
  return static_cast<int64_t>(result);
}

/// b is not 0. The one quotient that overflows wraps.
int64_t quotient(int64_t a, int64_t b) {
  return b == -1 ? static_cast<int64_t>(-static_cast<uint64_t>(a)) : a / b;
}

int64_t remainder(int64_t a, int64_t b) { return b == -1 ? 0 : a % b; }

int64_t modulo(int64_t a, int64_t b) {
  const int64_t rest = remainder(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

// A count outside the word shifts everything out; the sign stays on a shift to the right.

int64_t shift_left(int64_t a, int64_t count) {
  return count >= 0 && count < 64 ? static_cast<int64_t>(static_cast<uint64_t>(a) << count) : 0;
}

int64_t shift_right(int64_t a, int64_t count) {
  return a >> (count >= 0 && count < 64 ? count : 63);
}

int64_t apply(BinaryKind kind, int64_t a, int64_t b) {
  const auto unsigned_a = static_cast<uint64_t>(a);
  const auto unsigned_b = static_cast<uint64_t>(b);
  switch (kind) {
    case BinaryKind::kAdd:
      return static_cast<int64_t>(unsigned_a + unsigned_b);
    case BinaryKind::kSub:
      return static_cast<int64_t>(unsigned_a - unsigned_b);
    case BinaryKind::kMul:
      return static_cast<int64_t>(unsigned_a * unsigned_b);
    case BinaryKind::kDiv:
      return quotient(a, b);
    case BinaryKind::kPow:
      return power(a, b);
    case BinaryKind::kMod:
      return modulo(a, b);
    case BinaryKind::kFmod:
      return remainder(a, b);
    case BinaryKind::kMin:
      return std::min(a, b);
    case BinaryKind::kMax:
      return std::max(a, b);
    case BinaryKind::kPRelu:
      return a < 0 ? static_cast<int64_t>(unsigned_a * unsigned_b) : a;
    case BinaryKind::kAnd:
    case BinaryKind::kBitwiseAnd:
      return a & b;
    case BinaryKind::kOr:
    case BinaryKind::kBitwiseOr:
      return a | b;
    case BinaryKind::kXor:
    case BinaryKind::kBitwiseXor:
      return a ^ b;
    case BinaryKind::kEqual:
      return a == b;
    case BinaryKind::kLess:
      return a < b;
    case BinaryKind::kLessOrEqual:
      return a <= b;
    case BinaryKind::kGreater:
      return a > b;
    case BinaryKind::kGreaterOrEqual:
      return a >= b;
    case BinaryKind::kShiftLeft:
      return shift_left(a, b);
    case BinaryKind::kShiftRight:
      return shift_right(a, b);
  }
  return 0;
}

bool divides(BinaryKind kind) {
  return kind == BinaryKind::kDiv || kind == BinaryKind::kMod || kind == BinaryKind::kFmod;
}

template <class T>
Result<void> evaluate_as(BinaryKind kind, Call& call) {
  std::vector<T> a = broadcast_as<T>(call.in(0), call.out().shape());
  const std::vector<T> b = broadcast_as<T>(call.in(1), call.out().shape());
  if (std::is_integral_v<T> && divides(kind) && std::ranges::find(b, T{0}) != b.end()) {
    return fail(ErrorCode::kBadModel, "an integer is divided by zero");
  }
  fill(a, [&](size_t i) { return apply(kind, a[i], b[i]); });
  call.out().assign<T>(a);
  return {};
}

}  // namespace

template <>
Result<void> evaluate(const Binary& op, Call& call) {
  if (is_float(call.in(0).dtype()) || is_float(call.in(1).dtype())) {
    return evaluate_as<double>(op.kind, call);
  }
  return evaluate_as<int64_t>(op.kind, call);
}

template <>
Result<void> evaluate(const Where&, Call& call) {
  const Shape& shape = call.out().shape();
  const std::vector<uint8_t> condition =
      broadcast_values(call.in(0).data<uint8_t>(), call.in(0).shape(), shape);
  dispatch(call.out().dtype(), [&]<class T>(std::type_identity<T>) {
    const std::vector<T> a = broadcast_values(call.in(1).data<T>(), call.in(1).shape(), shape);
    const std::vector<T> b = broadcast_values(call.in(2).data<T>(), call.in(2).shape(), shape);
    const auto y = call.out().mutable_data<T>();
    for (size_t i = 0; i < y.size(); ++i) y[i] = condition[i] ? a[i] : b[i];
  });
  return {};
}

}  // namespace nitro::reference
