#include <cmath>

#include "onnx/convert_tensor.h"
#include "onnx/export_node.h"

namespace nitro::onnx {
namespace {

/// The IR's name of `kind`, which is ONNX's.
template <class Kind>
std::string_view word(Kind kind) {
  return enum_names(kind)[static_cast<size_t>(kind)];
}

/// x * sigmoid(alpha * x) of opset 20, which lacks Swish.
void export_swish(double alpha, ExportNode& node) {
  std::string scaled = node.input(0);
  if (alpha != 1) {
    const std::string factor = node.constant(Tensor::scalar(node.input_type(0).dtype, alpha));
    scaled = node.fresh_name();
    node.add("Mul", {node.input(0), factor}, {scaled});
  }
  const std::string sigmoid = node.fresh_name();
  node.add("Sigmoid", {scaled}, {sigmoid});
  node.add("Mul", {node.input(0), sigmoid}, {node.output()});
}

/// A scalar bound in the dtype of x, or "" where it does not bound.
std::string export_bound(double bound, ExportNode& node) {
  if (std::isinf(bound)) return "";
  return node.constant(Tensor::scalar(node.input_type(0).dtype, bound));
}

}  // namespace

template <>
Result<void> export_op(const Unary& op, ExportNode& node) {
  node.add(word(op.kind));
  return {};
}

template <>
Result<void> export_op(const Activation& op, ExportNode& node) {
  switch (op.kind) {
    case ActivationKind::kSwish:
      export_swish(op.alpha, node);
      break;
    case ActivationKind::kIsInf:
      node.add("IsInf")
          .integer("detect_negative", op.alpha != 0)
          .integer("detect_positive", op.beta != 0);
      break;
    case ActivationKind::kSelu:
      node.add("Selu").number("alpha", op.alpha).number("gamma", op.beta);
      break;
    case ActivationKind::kShrink:
      node.add("Shrink").number("lambd", op.alpha).number("bias", op.beta);
      break;
    case ActivationKind::kHardSigmoid:
      node.add("HardSigmoid").number("alpha", op.alpha).number("beta", op.beta);
      break;
    case ActivationKind::kLeakyRelu:
    case ActivationKind::kElu:
    case ActivationKind::kCelu:
    case ActivationKind::kThresholdedRelu:
      node.add(word(op.kind)).number("alpha", op.alpha);
      break;
  }
  return {};
}

/// With a bias as a fused com.microsoft node, else the standard one.
template <>
Result<void> export_op(const Gelu& op, ExportNode& node) {
  if (node.input_count() > 1 && !node.input(1).empty()) {
    node.add(op.tanh ? "FastGelu" : "BiasGelu", node.inputs(), {node.output()}, "com.microsoft");
  } else {
    node.add("Gelu").string("approximate", op.tanh ? "tanh" : "none");
  }
  return {};
}

template <>
Result<void> export_op(const Clip& op, ExportNode& node) {
  std::vector<std::string> inputs{node.input(0), export_bound(op.low, node),
                                  export_bound(op.high, node)};
  while (inputs.back().empty()) inputs.pop_back();
  node.add("Clip", std::move(inputs), {node.output()});
  return {};
}

template <>
Result<void> export_op(const Binary& op, ExportNode& node) {
  switch (op.kind) {
    case BinaryKind::kMod:
      node.add("Mod");
      break;
    case BinaryKind::kFmod:
      node.add("Mod").integer("fmod", 1);
      break;
    case BinaryKind::kShiftLeft:
      node.add("BitShift").string("direction", "LEFT");
      break;
    case BinaryKind::kShiftRight:
      node.add("BitShift").string("direction", "RIGHT");
      break;
    default:
      node.add(word(op.kind));
  }
  return {};
}

template <>
Result<void> export_op(const Where&, ExportNode& node) {
  node.add("Where");
  return {};
}

template <>
Result<void> export_op(const Cast& op, ExportNode& node) {
  node.add("Cast").integer("to", dtype_to_onnx(op.to));
  return {};
}

}  // namespace nitro::onnx
