#include <algorithm>

#include "onnx/export_chain.h"

namespace nitro::onnx {
namespace {

/// `values` [C] as [C, 1, …], to be broadcast over x [N, C, spatial…].
std::string per_channel(ExportNode& node, ExportChain& chain, size_t i) {
  Shape shape(node.input_type(0).shape.size() - 1, 1);
  shape[0] = node.input_type(0).shape[1];
  return chain.reshape(node.input(i), shape);
}

/// Before opset 21 GroupNormalization scales per group: normalise with groups as channels instead.
void export_grouped(const GroupNormalization& op, ExportNode& node) {
  const TensorType& x = node.input_type(0);
  ExportChain chain(node, x.dtype);
  const std::vector<double> ones(static_cast<size_t>(op.groups), 1.0);
  const std::string scale = node.constant(Tensor::of(x.dtype, {op.groups}, ones));
  const std::string bias = node.constant(Tensor({x.dtype, {op.groups}}));
  const int64_t length = x.elements() / std::max<int64_t>(1, x.shape[0] * op.groups);
  const std::string groups = chain.reshape(node.input(0), {x.shape[0], op.groups, length});
  const std::string normalized = node.fresh_name();
  node.add("InstanceNormalization", {groups, scale, bias}, {normalized})
      .number("epsilon", op.epsilon);
  const std::string restored = chain.reshape(normalized, x.shape);
  const std::string scaled = chain.add("Mul", {restored, per_channel(node, chain, 1)});
  node.add("Add", {scaled, per_channel(node, chain, 2)}, {node.output()});
}

/// As Add and LayerNormalization, for ranks that com.microsoft does not take.
void export_separate(const SkipLayerNormalization& op, ExportNode& node) {
  ExportChain chain(node, node.input_type(0).dtype);
  std::string sum = node.output(1).empty() ? node.fresh_name() : node.output(1);
  if (node.input(4).empty()) {
    node.add("Add", {node.input(0), node.input(1)}, {sum});
  } else {
    node.add("Add", {chain.add("Add", {node.input(0), node.input(1)}), node.input(4)}, {sum});
  }
  node.add("LayerNormalization", {sum, node.input(2), node.input(3)}, {node.output()})
      .integer("axis", -1)
      .number("epsilon", op.epsilon);
}

}  // namespace

template <>
Result<void> export_op(const LayerNormalization& op, ExportNode& node) {
  node.add("LayerNormalization", node.inputs(), {node.output(0), node.output(1), node.output(2)})
      .integer("axis", op.axis)
      .number("epsilon", op.epsilon);
  return {};
}

template <>
Result<void> export_op(const SkipLayerNormalization& op, ExportNode& node) {
  const int64_t rank = node.input_type(0).rank();
  if (rank != 2 && rank != 3) {
    export_separate(op, node);
    return {};
  }
  node.add("SkipLayerNormalization", node.inputs(), {node.output(0), "", "", node.output(1)},
           "com.microsoft")
      .number("epsilon", op.epsilon);
  return {};
}

/// In the form that onnxruntime recognises and fuses.
template <>
Result<void> export_op(const RMSNormalization& op, ExportNode& node) {
  ExportChain chain(node, node.input_type(0).dtype);
  Ints axes;
  for (int64_t axis = op.axis; axis < node.input_type(0).rank(); ++axis) axes.push_back(axis);
  const std::string square = chain.add("Pow", {node.input(0), chain.scalar(2)});
  const std::string mean = chain.add("ReduceMean", {square, node.constant(Tensor::vector(axes))});
  const std::string root = chain.add("Sqrt", {chain.add("Add", {mean, chain.scalar(op.epsilon)})});
  const std::string normalized = chain.add("Div", {node.input(0), root});
  node.add("Mul", {normalized, node.input(1)}, {node.output()});
  return {};
}

template <>
Result<void> export_op(const GroupNormalization& op, ExportNode& node) {
  if (op.groups != node.input_type(0).shape[1] || node.input_type(0).rank() < 3) {
    export_grouped(op, node);
    return {};
  }
  node.add("InstanceNormalization").number("epsilon", op.epsilon);
  return {};
}

template <>
Result<void> export_op(const BatchNormalization& op, ExportNode& node) {
  node.add("BatchNormalization").number("epsilon", op.epsilon);
  return {};
}

template <>
Result<void> export_op(const LpNormalization& op, ExportNode& node) {
  node.add("LpNormalization").integer("axis", op.axis).integer("p", op.p);
  return {};
}

template <>
Result<void> export_op(const LRN& op, ExportNode& node) {
  node.add("LRN")
      .integer("size", op.size)
      .number("alpha", op.alpha)
      .number("beta", op.beta)
      .number("bias", op.bias);
  return {};
}

template <>
Result<void> export_op(const Softmax& op, ExportNode& node) {
  node.add(op.log ? "LogSoftmax" : "Softmax").integer("axis", op.axis);
  return {};
}

}  // namespace nitro::onnx
