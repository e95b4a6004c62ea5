#include "plan/basic_ops.h"

#include <algorithm>

#include "passes/rewriter.h"

namespace nitro::plan {
namespace {

using passes::Rewriter;

bool has(const Node& node, size_t operand) {
  return operand < node.inputs.size() && node.inputs[operand] != kNoValue;
}

Result<bool> split(Rewriter& rewriter, const Node& node, const ProjectedAttention& op) {
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

Result<bool> split(Rewriter& rewriter, const Node& node, const SkipLayerNormalization& op) {
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

Result<bool> split(Rewriter& rewriter, const Node& node, const Conv& op) {
  const auto is_padded = [](const Ints& pads) {
    return std::ranges::any_of(pads, [](int64_t pad) { return pad != 0; });
  };
  if (op.group != 1 || (!is_padded(op.pads_before) && !is_padded(op.pads_after))) return false;
  Pad pad;
  pad.before = pad.after = {0, 0};
  pad.before.insert(pad.before.end(), op.pads_before.begin(), op.pads_before.end());
  pad.after.insert(pad.after.end(), op.pads_after.begin(), op.pads_after.end());
  std::vector<ValueId> operands = rewriter.mapped(node.inputs);
  operands[0] = TRY(rewriter.emit(pad, {operands[0]}, {&node}));
  Conv plain = op;
  std::ranges::fill(plain.pads_before, 0);
  std::ranges::fill(plain.pads_after, 0);
  rewriter.replace(node.outputs[0], TRY(rewriter.emit(plain, operands, {&node})));
  return true;
}

}  // namespace

Result<bool> use_basic_ops(Graph& graph) {
  return passes::rewrite(graph, [](Rewriter& rewriter, const Node& node) -> Result<bool> {
    if (const auto* op = std::get_if<ProjectedAttention>(&node.op))
      return split(rewriter, node, *op);
    if (const auto* op = std::get_if<SkipLayerNormalization>(&node.op))
      return split(rewriter, node, *op);
    if (const auto* op = std::get_if<Conv>(&node.op)) return split(rewriter, node, *op);
    return false;
  });
}

}  // namespace nitro::plan
