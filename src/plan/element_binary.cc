#include <fmt/core.h>

#include "plan/element_code.h"

namespace nitro::plan {
namespace {

constexpr std::string_view kModulo = R"(
__device__ __forceinline__ float float_modulo(float a, float b) {
  const float rest = fmodf(a, b);
  return rest != 0.0f && (rest < 0.0f) != (b < 0.0f) ? rest + b : rest;
}
)";

constexpr std::string_view kIntegers = R"(
__device__ __forceinline__ long long integer_quotient(long long a, long long b) {
  if (b == 0) return 0;
  return b == -1 ? (long long)-(unsigned long long)a : a / b;
}
__device__ __forceinline__ long long integer_remainder(long long a, long long b) {
  return b == -1 || b == 0 ? 0 : a % b;
}
__device__ __forceinline__ long long integer_modulo(long long a, long long b) {
  const long long rest = integer_remainder(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
__device__ __forceinline__ long long integer_power(long long base, long long exponent) {
  if (exponent < 0) {
    return base == 1 || (base == -1 && exponent % 2 == 0) ? 1 : base == -1 ? -1 : 0;
  }
  unsigned long long result = 1;
  unsigned long long factor = (unsigned long long)base;
  for (unsigned long long rest = (unsigned long long)exponent; rest > 0; rest >>= 1) {
    if (rest & 1) result *= factor;
    factor *= factor;
  }
  return (long long)result;
}
__device__ __forceinline__ long long integer_shift_left(long long a, long long count) {
  return count >= 0 && count < 64 ? (long long)((unsigned long long)a << count) : 0;
}
__device__ __forceinline__ long long integer_shift_right(long long a, long long count) {
  return a >> (count >= 0 && count < 64 ? count : 63);
}
)";

/// Functions of the floats `{0}` and `{1}`.
std::string_view float_form(BinaryKind kind) {
  switch (kind) {
    case BinaryKind::kAdd:
      return "{0} + {1}";
    case BinaryKind::kSub:
      return "{0} - {1}";
    case BinaryKind::kMul:
      return "{0} * {1}";
    case BinaryKind::kDiv:
      return "{0} / {1}";
    case BinaryKind::kPow:
      return "powf({0}, {1})";
    case BinaryKind::kMod:
      return "float_modulo({0}, {1})";
    case BinaryKind::kFmod:
      return "fmodf({0}, {1})";
    case BinaryKind::kMin:
      return "{0} != {0} || {0} < {1} ? {0} : {1}";
    case BinaryKind::kMax:
      return "{0} != {0} || {0} > {1} ? {0} : {1}";
    case BinaryKind::kPRelu:
      return "{0} < 0.0f ? {0} * {1} : {0}";
    default:
      return "0.0f";  // infer() admits no floats
  }
}

/// Functions of the "long long" `{0}` and `{1}`.
std::string_view integer_form(BinaryKind kind) {
  switch (kind) {
    case BinaryKind::kAdd:
      return "(long long)((unsigned long long){0} + (unsigned long long){1})";
    case BinaryKind::kSub:
      return "(long long)((unsigned long long){0} - (unsigned long long){1})";
    case BinaryKind::kMul:
      return "(long long)((unsigned long long){0} * (unsigned long long){1})";
    case BinaryKind::kDiv:
      return "integer_quotient({0}, {1})";
    case BinaryKind::kPow:
      return "integer_power({0}, {1})";
    case BinaryKind::kMod:
      return "integer_modulo({0}, {1})";
    case BinaryKind::kFmod:
      return "integer_remainder({0}, {1})";
    case BinaryKind::kMin:
      return "{1} < {0} ? {1} : {0}";
    case BinaryKind::kMax:
      return "{0} < {1} ? {1} : {0}";
    case BinaryKind::kPRelu:
      return "{0} < 0 ? (long long)((unsigned long long){0} * (unsigned long long){1}) : {0}";
    case BinaryKind::kAnd:
    case BinaryKind::kBitwiseAnd:
      return "{0} & {1}";
    case BinaryKind::kOr:
    case BinaryKind::kBitwiseOr:
      return "{0} | {1}";
    case BinaryKind::kXor:
    case BinaryKind::kBitwiseXor:
      return "{0} ^ {1}";
    case BinaryKind::kShiftLeft:
      return "integer_shift_left({0}, {1})";
    case BinaryKind::kShiftRight:
      return "integer_shift_right({0}, {1})";
    default:
      return "0ll";  // comparisons
  }
}

/// The operator of a comparison; empty for other kinds.
std::string_view comparison(BinaryKind kind) {
  switch (kind) {
    case BinaryKind::kEqual:
      return "==";
    case BinaryKind::kLess:
      return "<";
    case BinaryKind::kLessOrEqual:
      return "<=";
    case BinaryKind::kGreater:
      return ">";
    case BinaryKind::kGreaterOrEqual:
      return ">=";
    default:
      return "";
  }
}

}  // namespace

std::string code(const Binary& op, const Site& site) {
  const bool floats = is_float(site.in(0).dtype) || is_float(site.in(1).dtype);
  const std::string_view type = floats ? "float" : "long long";
  const auto operand = [&](size_t i) {
    const Index x = site.aligned(i);
    return site.w().let(type, floats ? site.real(i, x) : site.whole(i, x));
  };
  const std::string a = operand(0);
  const std::string b = operand(1);
  if (const std::string_view sign = comparison(op.kind); !sign.empty()) {
    return site.w().let("int", fmt::format("{} {} {}", a, sign, b));
  }
  const std::string_view form = floats ? float_form(op.kind) : integer_form(op.kind);
  const std::string result = fmt::format(fmt::runtime(form), a, b);
  if (!floats) {
    site.values.use_function(std::string(kIntegers));
    return site.from_whole(result);
  }
  if (op.kind == BinaryKind::kMod) site.values.use_function(std::string(kModulo));
  return site.from_real(result);
}

}  // namespace nitro::plan
