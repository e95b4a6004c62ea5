#include "passes/split_joined.h"

namespace nitro::passes {
namespace {

bool has(const Node& node, size_t operand) {
  return operand < node.inputs.size() && node.inputs[operand] != kNoValue;
}

}  // namespace

Result<bool> split_joined(Rewriter& rewriter, const Node& node, const ProjectedAttention& op) {
  const std::vector<ValueId> in = rewriter.mapped(node.inputs);
  const Binary add{BinaryKind::kAdd};
  const ValueId product = TRY(rewriter.emit(MatMul{}, {in[0], in[1]}, {&node}));
  const ValueId sum = TRY(rewriter.emit(add, {product, in[2]}, {&node}));
  const int64_t width = rewriter.type(sum).shape.back() / 3;
  std::vector<ValueId> operands =
      TRY(rewriter.emit_all(Split{2, {width, width, width}}, {sum}, {&node}));
  if (has(node, 3)) operands.push_back(in[3]);
  const nitro::Attention attention{.heads = op.heads, .key_heads = op.heads, .scale = op.scale};
  rewriter.replace(node.outputs[0], TRY(rewriter.emit(attention, operands, {&node})));
  return true;
}

Result<bool> split_joined(Rewriter& rewriter, const Node& node, const SkipLayerNormalization& op) {
  const std::vector<ValueId> in = rewriter.mapped(node.inputs);
  const Binary add{BinaryKind::kAdd};
  ValueId sum = TRY(rewriter.emit(add, {in[0], in[1]}, {&node}));
  if (has(node, 4)) sum = TRY(rewriter.emit(add, {sum, in[4]}, {&node}));
  std::vector<ValueId> operands{sum, in[2]};
  if (has(node, 3)) operands.push_back(in[3]);
  const LayerNormalization norm{rewriter.type(sum).rank() - 1, op.epsilon};
  const std::vector<ValueId> normalized = TRY(rewriter.emit_all(norm, operands, {&node}));
  rewriter.replace(node.outputs[0], normalized[0]);
  if (node.outputs.size() > 1) rewriter.replace(node.outputs[1], sum);
  return true;
}

}  // namespace nitro::passes
