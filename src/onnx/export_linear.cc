#include "onnx/export_node.h"

namespace nitro::onnx {
namespace {

/// All pads in front, then all behind.
Ints joined(Ints before, const Ints& after) {
  before.insert(before.end(), after.begin(), after.end());
  return before;
}

template <class OpT>
NodeAttributes add_convolution(std::string_view op_type, const OpT& op, ExportNode& node) {
  return node.add(op_type)
      .integers("strides", op.strides)
      .integers("dilations", op.dilations)
      .integers("pads", joined(op.pads_before, op.pads_after))
      .integer("group", op.group);
}

}  // namespace

template <>
Result<void> export_op(const MatMul& op, ExportNode& node) {
  if (!op.transpose_a && !op.transpose_b && op.alpha == 1) {
    node.add("MatMul");
    return {};
  }
  node.add("FusedMatMul", node.inputs(), {node.output()}, "com.microsoft")
      .integer("transA", op.transpose_a ? 1 : 0)
      .integer("transB", op.transpose_b ? 1 : 0)
      .number("alpha", op.alpha);
  return {};
}

template <>
Result<void> export_op(const Gemm& op, ExportNode& node) {
  node.add("Gemm")
      .integer("transA", op.transpose_a ? 1 : 0)
      .integer("transB", op.transpose_b ? 1 : 0)
      .number("alpha", op.alpha)
      .number("beta", op.beta);
  return {};
}

template <>
Result<void> export_op(const Einsum& op, ExportNode& node) {
  node.add("Einsum").string("equation", op.equation);
  return {};
}

template <>
Result<void> export_op(const Conv& op, ExportNode& node) {
  add_convolution("Conv", op, node);
  return {};
}

template <>
Result<void> export_op(const ConvTranspose& op, ExportNode& node) {
  add_convolution("ConvTranspose", op, node).integers("output_padding", op.output_padding);
  return {};
}

template <>
Result<void> export_op(const ConvInteger& op, ExportNode& node) {
  add_convolution("ConvInteger", op, node);
  return {};
}

template <>
Result<void> export_op(const MatMulInteger&, ExportNode& node) {
  node.add("MatMulInteger");
  return {};
}

}  // namespace nitro::onnx
