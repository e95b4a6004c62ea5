#include <limits>

#include "onnx/importers.h"
#include "onnx/read_word.h"
#include "onnx/require_operand.h"

namespace nitro::onnx {
namespace {

using Values = Result<std::vector<ValueId>>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Values one(ValueId value) { return std::vector{value}; }

template <UnaryKind kind>
Values unary(ImportNode& node) {
  return node.emit_all(Unary{kind}, {node.input(0)});
}

/// Operand 1, which before opset 7 lies along `axis` of operand 0 (the last axes where not given).
Result<ValueId> second_operand(ImportNode& node, int64_t axis) {
  const ValueId b = TRY(require_operand(node, 1));
  const int64_t behind = node.rank(0) - axis - node.rank(1);
  if (node.opset() >= 7 || behind <= 0) return b;
  Shape shape = node.type(1).shape;
  shape.resize(shape.size() + static_cast<size_t>(behind), 1);
  return node.reshape(b, shape);
}

template <BinaryKind kind>
Values binary(ImportNode& node) {
  if (node.opset() >= 7 || !node.has_attribute("axis")) {
    return node.emit_all(Binary{kind}, {node.input(0), node.input(1)});
  }
  const int64_t axis = TRY(node.axis("axis", 0, node.rank(0)));
  return node.emit_all(Binary{kind}, {node.input(0), TRY(second_operand(node, axis))});
}

Values prelu(ImportNode& node) {
  const ValueId slope =
      TRY(second_operand(node, node.type(1).elements() == 1 ? node.rank(0) - 1 : 1));
  return node.emit_all(Binary{BinaryKind::kPRelu}, {node.input(0), slope});
}

/// a op b op c …
template <BinaryKind kind>
Result<ValueId> chain(ImportNode& node) {
  ValueId result = TRY(require_operand(node, 0));
  for (size_t i = 1; i < node.input_count(); ++i) {
    result = TRY(node.emit(Binary{kind}, {result, TRY(require_operand(node, i))}));
  }
  return result;
}

template <BinaryKind kind>
Values variadic(ImportNode& node) {
  return one(TRY(chain<kind>(node)));
}

Values mean(ImportNode& node) {
  const ValueId sum = TRY(chain<BinaryKind::kAdd>(node));
  if (node.input_count() == 1) return one(sum);
  const auto count = static_cast<double>(node.input_count());
  const ValueId divisor = node.add_constant(Tensor::scalar(node.type_of(sum).dtype, count));
  return node.emit_all(Binary{BinaryKind::kDiv}, {sum, divisor});
}

Values mod(ImportNode& node) {
  const bool sign_of_a = TRY(node.integer("fmod", 0)) != 0;
  return node.emit_all(Binary{sign_of_a ? BinaryKind::kFmod : BinaryKind::kMod},
                       {node.input(0), node.input(1)});
}

Values bit_shift(ImportNode& node) {
  const bool right = TRY(read_word(node, "direction", "LEFT", "RIGHT"));
  return node.emit_all(Binary{right ? BinaryKind::kShiftRight : BinaryKind::kShiftLeft},
                       {node.input(0), node.input(1)});
}

Values emit_activation(ImportNode& node, ActivationKind kind, double alpha, double beta) {
  return node.emit_all(Activation{kind, alpha, beta}, {node.input(0)});
}

Values leaky_relu(ImportNode& node) {
  return emit_activation(node, ActivationKind::kLeakyRelu, TRY(node.number("alpha", 0.01F)), 0);
}

Values elu(ImportNode& node) {
  return emit_activation(node, ActivationKind::kElu, TRY(node.number("alpha", 1)), 0);
}

Values selu(ImportNode& node) {
  return emit_activation(node, ActivationKind::kSelu,
                         TRY(node.number("alpha", 1.67326319217681884765625)),
                         TRY(node.number("gamma", 1.05070102214813232421875)));
}

Values celu(ImportNode& node) {
  return emit_activation(node, ActivationKind::kCelu, TRY(node.number("alpha", 1)), 0);
}

Values hard_sigmoid(ImportNode& node) {
  return emit_activation(node, ActivationKind::kHardSigmoid, TRY(node.number("alpha", 0.2F)),
                         TRY(node.number("beta", 0.5)));
}

Values thresholded_relu(ImportNode& node) {
  return emit_activation(node, ActivationKind::kThresholdedRelu, TRY(node.number("alpha", 1)), 0);
}

Values shrink(ImportNode& node) {
  return emit_activation(node, ActivationKind::kShrink, TRY(node.number("lambd", 0.5)),
                         TRY(node.number("bias", 0)));
}

Values swish(ImportNode& node) {
  return emit_activation(node, ActivationKind::kSwish, TRY(node.number("alpha", 1)), 0);
}

Values quick_gelu(ImportNode& node) {
  return emit_activation(node, ActivationKind::kSwish, TRY(node.number("alpha", 1.702F)), 0);
}

Values is_inf(ImportNode& node) {
  const auto negative = static_cast<double>(TRY(node.integer("detect_negative", 1)));
  const auto positive = static_cast<double>(TRY(node.integer("detect_positive", 1)));
  return emit_activation(node, ActivationKind::kIsInf, negative, positive);
}

Values gelu(ImportNode& node) {
  const bool tanh = TRY(read_word(node, "approximate", "none", "tanh"));
  return node.emit_all(Gelu{tanh}, {node.input(0)});
}

/// The tanh form with an optional bias, and the erf form with one.
template <bool tanh>
Values gelu_with_bias(ImportNode& node) {
  std::vector<ValueId> inputs{node.input(0)};
  if (node.has(1)) inputs.push_back(node.input(1));
  return node.emit_all(Gelu{tanh}, std::move(inputs));
}

/// Bounds that the graph computes: the maximum with `low`, then the minimum with `high`.
Values clip_by_values(ImportNode& node) {
  ValueId result = TRY(require_operand(node, 0));
  if (node.has(1)) result = TRY(node.emit(Binary{BinaryKind::kMax}, {result, node.input(1)}));
  if (node.has(2)) result = TRY(node.emit(Binary{BinaryKind::kMin}, {result, node.input(2)}));
  return one(result);
}

Values clip(ImportNode& node) {
  Clip op{-kInfinity, kInfinity};
  if (node.opset() < 11) {
    op.low = TRY(node.number("min", op.low));
    op.high = TRY(node.number("max", op.high));
  } else {
    if ((node.has(1) && !node.constant(1)) || (node.has(2) && !node.constant(2))) {
      return clip_by_values(node);
    }
    if (node.has(1)) op.low = TRY(node.require_number(1));
    if (node.has(2)) op.high = TRY(node.require_number(2));
  }
  return node.emit_all(op, {node.input(0)});
}

Values where(ImportNode& node) {
  return node.emit_all(Where{}, {node.input(0), node.input(1), node.input(2)});
}

Values identity(ImportNode& node) { return one(TRY(require_operand(node, 0))); }

/// Inference: y = x, and a mask that keeps everything.
Values dropout(ImportNode& node) {
  const bool training = node.opset() >= 12 && node.has(2);
  if (training && !node.constant(2)) return node.unsupported("with a computed training_mode");
  if (training && TRY(node.require_number(2)) != 0) {
    if (!node.has(1)) return node.unsupported("in training mode");
    if (!node.constant(1)) return node.unsupported("in training mode");
    if (TRY(node.require_number(1)) != 0) return node.unsupported("in training mode");
  }
  const ValueId x = TRY(require_operand(node, 0));
  if (node.output_count() < 2) return one(x);
  // Up to opset 9 the mask had the dtype of x.
  const DType dtype = node.opset() < 10 ? node.type(0).dtype : DType::kBool;
  const ValueId keep = node.add_constant(Tensor::scalar(dtype, 1));
  return std::vector{x, TRY(node.emit(Expand{node.type(0).shape}, {keep}))};
}

constexpr ImporterRow kRows[] = {
    {"", "Abs", unary<UnaryKind::kAbs>},
    {"", "Acos", unary<UnaryKind::kAcos>},
    {"", "Acosh", unary<UnaryKind::kAcosh>},
    {"", "Add", binary<BinaryKind::kAdd>},
    {"", "And", binary<BinaryKind::kAnd>},
    {"", "Asin", unary<UnaryKind::kAsin>},
    {"", "Asinh", unary<UnaryKind::kAsinh>},
    {"", "Atan", unary<UnaryKind::kAtan>},
    {"", "Atanh", unary<UnaryKind::kAtanh>},
    {"", "BitShift", bit_shift},
    {"", "BitwiseAnd", binary<BinaryKind::kBitwiseAnd>},
    {"", "BitwiseNot", unary<UnaryKind::kBitwiseNot>},
    {"", "BitwiseOr", binary<BinaryKind::kBitwiseOr>},
    {"", "BitwiseXor", binary<BinaryKind::kBitwiseXor>},
    {"", "Ceil", unary<UnaryKind::kCeil>},
    {"", "Celu", celu},
    {"", "Clip", clip},
    {"", "Cos", unary<UnaryKind::kCos>},
    {"", "Cosh", unary<UnaryKind::kCosh>},
    {"", "Div", binary<BinaryKind::kDiv>},
    {"", "Dropout", dropout},
    {"", "Elu", elu},
    {"", "Equal", binary<BinaryKind::kEqual>},
    {"", "Erf", unary<UnaryKind::kErf>},
    {"", "Exp", unary<UnaryKind::kExp>},
    {"", "Floor", unary<UnaryKind::kFloor>},
    {"", "Gelu", gelu},
    {"", "Greater", binary<BinaryKind::kGreater>},
    {"", "GreaterOrEqual", binary<BinaryKind::kGreaterOrEqual>},
    {"", "HardSigmoid", hard_sigmoid},
    {"", "HardSwish", unary<UnaryKind::kHardSwish>},
    {"", "Identity", identity},
    {"", "IsInf", is_inf},
    {"", "IsNaN", unary<UnaryKind::kIsNaN>},
    {"", "LeakyRelu", leaky_relu},
    {"", "Less", binary<BinaryKind::kLess>},
    {"", "LessOrEqual", binary<BinaryKind::kLessOrEqual>},
    {"", "Log", unary<UnaryKind::kLog>},
    {"", "Max", variadic<BinaryKind::kMax>},
    {"", "Mean", mean},
    {"", "Min", variadic<BinaryKind::kMin>},
    {"", "Mish", unary<UnaryKind::kMish>},
    {"", "Mod", mod},
    {"", "Mul", binary<BinaryKind::kMul>},
    {"", "Neg", unary<UnaryKind::kNeg>},
    {"", "Not", unary<UnaryKind::kNot>},
    {"", "Or", binary<BinaryKind::kOr>},
    {"", "PRelu", prelu},
    {"", "Pow", binary<BinaryKind::kPow>},
    {"", "Reciprocal", unary<UnaryKind::kReciprocal>},
    {"", "Relu", unary<UnaryKind::kRelu>},
    {"", "Round", unary<UnaryKind::kRound>},
    {"", "Selu", selu},
    {"", "Shrink", shrink},
    {"", "Sigmoid", unary<UnaryKind::kSigmoid>},
    {"", "Sign", unary<UnaryKind::kSign>},
    {"", "Sin", unary<UnaryKind::kSin>},
    {"", "Sinh", unary<UnaryKind::kSinh>},
    {"", "Softplus", unary<UnaryKind::kSoftplus>},
    {"", "Softsign", unary<UnaryKind::kSoftsign>},
    {"", "Sqrt", unary<UnaryKind::kSqrt>},
    {"", "Sub", binary<BinaryKind::kSub>},
    {"", "Sum", variadic<BinaryKind::kAdd>},
    {"", "Swish", swish},
    {"", "Tan", unary<UnaryKind::kTan>},
    {"", "Tanh", unary<UnaryKind::kTanh>},
    {"", "ThresholdedRelu", thresholded_relu},
    {"", "Where", where},
    {"", "Xor", binary<BinaryKind::kXor>},
    {"com.microsoft", "BiasGelu", gelu_with_bias<false>},
    {"com.microsoft", "FastGelu", gelu_with_bias<true>},
    {"com.microsoft", "Gelu", gelu},
    {"com.microsoft", "QuickGelu", quick_gelu},
};

}  // namespace

std::span<const ImporterRow> elementwise_importers() { return kRows; }

}  // namespace nitro::onnx
