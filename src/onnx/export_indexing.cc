#include "onnx/export_node.h"

namespace nitro::onnx {
namespace {

/// Opset 13 has no attribute for it.
void add_reduction(ScatterReduction reduction, NodeAttributes attributes) {
  if (reduction == ScatterReduction::kNone) return;
  attributes.string("reduction", enum_names(reduction)[static_cast<size_t>(reduction)]);
}

}  // namespace

template <>
Result<void> export_op(const Gather& op, ExportNode& node) {
  node.add("Gather").integer("axis", op.axis);
  return {};
}

template <>
Result<void> export_op(const GatherElements& op, ExportNode& node) {
  node.add("GatherElements").integer("axis", op.axis);
  return {};
}

template <>
Result<void> export_op(const GatherND& op, ExportNode& node) {
  node.add("GatherND").integer("batch_dims", op.batch_dims);
  return {};
}

template <>
Result<void> export_op(const ScatterElements& op, ExportNode& node) {
  add_reduction(op.reduction, node.add("ScatterElements").integer("axis", op.axis));
  return {};
}

template <>
Result<void> export_op(const ScatterND& op, ExportNode& node) {
  add_reduction(op.reduction, node.add("ScatterND"));
  return {};
}

/// onnxruntime has OneHot for a depth of the dtype of the indices.
template <>
Result<void> export_op(const OneHot& op, ExportNode& node) {
  const std::string depth =
      node.constant(Tensor::of<int64_t>(node.input_type(0).dtype, {}, {op.depth}));
  node.add("OneHot", {node.input(0), depth, node.input(1)}, {node.output()})
      .integer("axis", op.axis);
  return {};
}

template <>
Result<void> export_op(const TopK& op, ExportNode& node) {
  node.add("TopK", {node.input(0), node.constant(Tensor::vector({op.k}))},
           {node.output(0), node.output(1)})
      .integer("axis", op.axis)
      .integer("largest", op.largest);
  return {};
}

template <>
Result<void> export_op(const ArgReduce& op, ExportNode& node) {
  node.add(op.largest ? "ArgMax" : "ArgMin")
      .integer("axis", op.axis)
      .integer("keepdims", op.keep_dims)
      .integer("select_last_index", op.last);
  return {};
}

template <>
Result<void> export_op(const CumSum& op, ExportNode& node) {
  const std::string axis = node.constant(Tensor::of<int64_t>(DType::kI64, {}, {op.axis}));
  node.add("CumSum", {node.input(0), axis}, {node.output()})
      .integer("exclusive", op.exclusive)
      .integer("reverse", op.reverse);
  return {};
}

template <>
Result<void> export_op(const ReverseSequence& op, ExportNode& node) {
  node.add("ReverseSequence")
      .integer("batch_axis", op.batch_axis)
      .integer("time_axis", op.time_axis);
  return {};
}

}  // namespace nitro::onnx
