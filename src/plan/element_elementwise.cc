#include <fmt/core.h>

#include "plan/element_code.h"

namespace nitro::plan {
namespace {

/// Functions of a float `{0}`.
std::string_view float_form(UnaryKind kind) {
  switch (kind) {
    case UnaryKind::kAbs:
      return "fabsf({0})";
    case UnaryKind::kNeg:
      return "-{0}";
    case UnaryKind::kSign:
      return "{0} > 0.0f ? 1.0f : {0} < 0.0f ? -1.0f : {0}";
    case UnaryKind::kCeil:
      return "ceilf({0})";
    case UnaryKind::kFloor:
      return "floorf({0})";
    case UnaryKind::kRound:
      return "rintf({0})";
    case UnaryKind::kSqrt:
      return "sqrtf({0})";
    case UnaryKind::kExp:
      return "expf({0})";
    case UnaryKind::kLog:
      return "logf({0})";
    case UnaryKind::kReciprocal:
      return "1.0f / {0}";
    case UnaryKind::kSin:
      return "sinf({0})";
    case UnaryKind::kCos:
      return "cosf({0})";
    case UnaryKind::kTan:
      return "tanf({0})";
    case UnaryKind::kAsin:
      return "asinf({0})";
    case UnaryKind::kAcos:
      return "acosf({0})";
    case UnaryKind::kAtan:
      return "atanf({0})";
    case UnaryKind::kSinh:
      return "sinhf({0})";
    case UnaryKind::kCosh:
      return "coshf({0})";
    case UnaryKind::kTanh:
      return "tanhf({0})";
    case UnaryKind::kAsinh:
      return "asinhf({0})";
    case UnaryKind::kAcosh:
      return "acoshf({0})";
    case UnaryKind::kAtanh:
      return "atanhf({0})";
    case UnaryKind::kErf:
      return "erff({0})";
    case UnaryKind::kRelu:
      return "{0} < 0.0f ? 0.0f : {0}";
    case UnaryKind::kSigmoid:
      return "sigmoid({0})";
    case UnaryKind::kSoftplus:
      return "fmaxf({0}, 0.0f) + log1pf(expf(-fabsf({0})))";
    case UnaryKind::kSoftsign:
      return "{0} / (1.0f + fabsf({0}))";
    case UnaryKind::kHardSwish:
      return "{0} * fminf(fmaxf({0} / 6.0f + 0.5f, 0.0f), 1.0f)";
    case UnaryKind::kMish:
      return "{0} * tanhf(fmaxf({0}, 0.0f) + log1pf(expf(-fabsf({0}))))";
    case UnaryKind::kIsNaN:
    case UnaryKind::kNot:
    case UnaryKind::kBitwiseNot:
      break;
  }
  return "{0}";
}

/// Functions of a "long long" `{0}`.
std::string_view integer_form(UnaryKind kind) {
  switch (kind) {
    case UnaryKind::kAbs:
      return "{0} < 0 ? (long long)-(unsigned long long){0} : {0}";
    case UnaryKind::kNeg:
      return "(long long)-(unsigned long long){0}";
    case UnaryKind::kSign:
      return "(long long)({0} > 0) - (long long)({0} < 0)";
    case UnaryKind::kRelu:
      return "{0} > 0 ? {0} : 0ll";
    case UnaryKind::kNot:
      return "(long long)({0} == 0)";
    default:
      return "~{0}";  // kBitwiseNot; infer() admits no other kind
  }
}

std::string form(std::string_view pattern, const std::string& x) {
  return fmt::format(fmt::runtime(pattern), x);
}

std::string activated(const nitro::Activation& op, const std::string& x) {
  const std::string a = float_literal(op.alpha);
  const std::string b = float_literal(op.beta);
  switch (op.kind) {
    case ActivationKind::kLeakyRelu:
      return fmt::format("{0} < 0.0f ? {1} * {0} : {0}", x, a);
    case ActivationKind::kElu:
      return fmt::format("{0} < 0.0f ? {1} * expm1f({0}) : {0}", x, a);
    case ActivationKind::kSelu:
      return fmt::format("{2} * ({0} <= 0.0f ? {1} * expm1f({0}) : {0})", x, a, b);
    case ActivationKind::kCelu:
      return fmt::format("({0} < 0.0f ? 0.0f : {0}) + fminf(0.0f, {1} * expm1f({0} / {1}))", x, a);
    case ActivationKind::kHardSigmoid:
      return fmt::format("{0} != {0} ? {0} : fminf(fmaxf({1} * {0} + {2}, 0.0f), 1.0f)", x, a, b);
    case ActivationKind::kThresholdedRelu:
      return fmt::format("{0} > {1} ? {0} : 0.0f", x, a);
    case ActivationKind::kShrink:
      return fmt::format("{0} < -{1} ? {0} + {2} : {0} > {1} ? {0} - {2} : 0.0f", x, a, b);
    case ActivationKind::kSwish:
      return fmt::format("{0} / (1.0f + expf(-{1} * {0}))", x, a);
    case ActivationKind::kIsInf:
      break;
  }
  return x;
}

std::string to_storage(DType dtype, const std::string& x) {
  if (dtype == DType::kF16) return fmt::format("to_float(to_f16({}))", x);
  if (dtype == DType::kBF16) return fmt::format("to_float(to_bf16({}))", x);
  return x;
}

}  // namespace

std::string code(const Unary& op, const Site& site) {
  if (!is_float(site.in(0).dtype)) {
    const std::string x = site.w().let("long long", site.whole(0, site.index));
    return site.from_whole(form(integer_form(op.kind), x));
  }
  const std::string x = site.at(0, site.index);
  if (op.kind == UnaryKind::kIsNaN) return site.w().let("int", fmt::format("{0} != {0}", x));
  return site.w().let("float", form(float_form(op.kind), x));
}

std::string code(const nitro::Activation& op, const Site& site) {
  const std::string x = site.at(0, site.index);
  if (op.kind != ActivationKind::kIsInf) return site.w().let("float", activated(op, x));
  const std::string infinity = float_literal(std::numeric_limits<double>::infinity());
  return site.w().let("int", fmt::format("{} && {} == -{} || {} && {} == {}", op.alpha != 0, x,
                                         infinity, op.beta != 0, x, infinity));
}

std::string code(const Gelu& op, const Site& site) {
  std::string x = site.at(0, site.index);
  if (site.has(1)) {
    const Index column = site.w().divide(site.index, site.out().shape.back()).second;
    x = site.w().let("float", fmt::format("{} + {}", x, site.at(1, column)));
  }
  return site.w().let("float", fmt::format("{}({})", op.tanh ? "gelu_tanh" : "gelu", x));
}

std::string code(const Clip& op, const Site& site) {
  const std::string x = site.at(0, site.index);
  if (is_float(site.in(0).dtype)) {
    // NaN stays.
    const std::string above =
        site.w().let("float", fmt::format("{0} < {1} ? {1} : {0}", x, float_literal(op.low)));
    return site.w().let("float",
                        fmt::format("{1} < {0} ? {1} : {0}", above, float_literal(op.high)));
  }
  const std::string low = integer_literal(Tensor::convert<int64_t>(op.low));
  const std::string high = integer_literal(Tensor::convert<int64_t>(op.high));
  const std::string above = site.w().let("long long", fmt::format("{0} < {1} ? {1} : {0}", x, low));
  return site.from_whole(fmt::format("{1} < {0} ? {1} : {0}", above, high));
}

std::string code(const Where&, const Site& site) {
  const std::string condition = site.at(0, site.aligned(0));
  const std::string a = site.at(1, site.aligned(1));
  const std::string b = site.at(2, site.aligned(2));
  return site.w().let(number_type(site.out().dtype), fmt::format("{} ? {} : {}", condition, a, b));
}

std::string code(const Cast& op, const Site& site) {
  const std::string x = site.at(0, site.index);
  const bool from_float = is_float(site.in(0).dtype);
  if (op.to == DType::kBool) return site.w().let("int", fmt::format("{} != 0", x));
  if (!from_float && !is_float(op.to)) return site.from_whole(fmt::format("(long long){}", x));
  if (!is_float(op.to)) return site.w().let(number_type(op.to), saturated(op.to, x));
  return site.w().let("float", to_storage(op.to, from_float ? x : fmt::format("(float){}", x)));
}

}  // namespace nitro::plan
