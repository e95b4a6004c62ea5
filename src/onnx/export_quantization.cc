#include "onnx/export_node.h"

namespace nitro::onnx {

template <>
Result<void> export_op(const QuantizeLinear& op, ExportNode& node) {
  node.add("QuantizeLinear").integer("axis", op.axis);
  return {};
}

template <>
Result<void> export_op(const DequantizeLinear& op, ExportNode& node) {
  node.add("DequantizeLinear").integer("axis", op.axis);
  return {};
}

template <>
Result<void> export_op(const DynamicQuantizeLinear&, ExportNode& node) {
  node.add("DynamicQuantizeLinear", node.inputs(),
           {node.output(0), node.output(1), node.output(2)});
  return {};
}

}  // namespace nitro::onnx
