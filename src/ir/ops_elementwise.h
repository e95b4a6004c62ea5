#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ir/dtype.h"
#include "ir/fields.h"

namespace nitro {

/// y = f(x), same shape; comparisons to special values give bool.
enum class UnaryKind : uint8_t {
  kAbs,
  kNeg,
  kSign,
  kCeil,
  kFloor,
  kRound,
  kSqrt,
  kExp,
  kLog,
  kReciprocal,
  kSin,
  kCos,
  kTan,
  kAsin,
  kAcos,
  kAtan,
  kSinh,
  kCosh,
  kTanh,
  kAsinh,
  kAcosh,
  kAtanh,
  kErf,
  kRelu,
  kSigmoid,
  kSoftplus,
  kSoftsign,
  kHardSwish,
  kMish,
  kNot,
  kIsNaN,
  kBitwiseNot,
};
inline constexpr std::array<std::string_view, 32> kUnaryNames = {
    "Abs",     "Neg",        "Sign",     "Ceil",      "Floor", "Round", "Sqrt",  "Exp",
    "Log",     "Reciprocal", "Sin",      "Cos",       "Tan",   "Asin",  "Acos",  "Atan",
    "Sinh",    "Cosh",       "Tanh",     "Asinh",     "Acosh", "Atanh", "Erf",   "Relu",
    "Sigmoid", "Softplus",   "Softsign", "HardSwish", "Mish",  "Not",   "IsNaN", "BitwiseNot",
};
constexpr const auto& enum_names(UnaryKind) { return kUnaryNames; }

struct Unary {
  UnaryKind kind = UnaryKind::kAbs;
  static constexpr std::string_view kName = "Unary";
  static constexpr auto fields() { return std::tuple(field("kind", &Unary::kind)); }
  bool operator==(const Unary&) const = default;
};

/// Activations with parameters; what alpha and beta mean is ONNX's definition of each.
/// IsInf: alpha = detect_negative, beta = detect_positive, gives bool. Swish: x * sigmoid(alpha *
/// x).
enum class ActivationKind : uint8_t {
  kLeakyRelu,
  kElu,
  kSelu,
  kCelu,
  kHardSigmoid,
  kThresholdedRelu,
  kShrink,
  kSwish,
  kIsInf,
};
inline constexpr std::array<std::string_view, 9> kActivationNames = {
    "LeakyRelu",       "Elu",    "Selu",  "Celu", "HardSigmoid",
    "ThresholdedRelu", "Shrink", "Swish", "IsInf"};
constexpr const auto& enum_names(ActivationKind) { return kActivationNames; }

struct Activation {
  ActivationKind kind = ActivationKind::kLeakyRelu;
  double alpha = 0;
  double beta = 0;
  static constexpr std::string_view kName = "Activation";
  static constexpr auto fields() {
    return std::tuple(field("kind", &Activation::kind), field("alpha", &Activation::alpha),
                      field("beta", &Activation::beta));
  }
  bool operator==(const Activation&) const = default;
};

/// Gaussian error linear unit of x, or of x + bias where the second input [last dim] is present.
struct Gelu {
  bool tanh = false;  // the tanh approximation instead of erf
  static constexpr std::string_view kName = "Gelu";
  static constexpr auto fields() { return std::tuple(field("tanh", &Gelu::tanh)); }
  bool operator==(const Gelu&) const = default;
};

/// min(max(x, low), high).
struct Clip {
  double low = 0;
  double high = 0;
  static constexpr std::string_view kName = "Clip";
  static constexpr auto fields() {
    return std::tuple(field("low", &Clip::low), field("high", &Clip::high));
  }
  bool operator==(const Clip&) const = default;
};

/// Broadcasting y = f(a, b). Comparisons and logic give bool. PRelu: b is the slope.
/// Mod has the sign of b, Fmod the sign of a.
enum class BinaryKind : uint8_t {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kPow,
  kMod,
  kFmod,
  kMin,
  kMax,
  kPRelu,
  kAnd,
  kOr,
  kXor,
  kEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kBitwiseAnd,
  kBitwiseOr,
  kBitwiseXor,
  kShiftLeft,
  kShiftRight,
};
inline constexpr std::array<std::string_view, 23> kBinaryNames = {
    "Add",        "Sub",       "Mul",        "Div",         "Pow",       "Mod",
    "Fmod",       "Min",       "Max",        "PRelu",       "And",       "Or",
    "Xor",        "Equal",     "Less",       "LessOrEqual", "Greater",   "GreaterOrEqual",
    "BitwiseAnd", "BitwiseOr", "BitwiseXor", "ShiftLeft",   "ShiftRight"};
constexpr const auto& enum_names(BinaryKind) { return kBinaryNames; }

struct Binary {
  BinaryKind kind = BinaryKind::kAdd;
  static constexpr std::string_view kName = "Binary";
  static constexpr auto fields() { return std::tuple(field("kind", &Binary::kind)); }
  bool operator==(const Binary&) const = default;
};

/// condition (bool) ? a : b, broadcasting all three.
struct Where {
  static constexpr std::string_view kName = "Where";
  static constexpr auto fields() { return std::tuple(); }
  bool operator==(const Where&) const = default;
};

struct Cast {
  DType to = DType::kF32;
  static constexpr std::string_view kName = "Cast";
  static constexpr auto fields() { return std::tuple(field("to", &Cast::to)); }
  bool operator==(const Cast&) const = default;
};

}  // namespace nitro
