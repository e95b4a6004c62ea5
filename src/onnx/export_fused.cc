#include "onnx/export_node.h"

namespace nitro::onnx {

template <>
Result<void> export_op(const ProjectedAttention& op, ExportNode& node) {
  // Operands of com.microsoft.Attention: input, weights, bias, mask index, past, attention bias.
  node.add("Attention", {node.input(0), node.input(1), node.input(2), "", "", node.input(3)},
           {node.output()}, "com.microsoft")
      .integer("num_heads", op.heads)
      .number("scale", op.scale);
  return {};
}

}  // namespace nitro::onnx
