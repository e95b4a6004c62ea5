#include "plan/basic_ops.h"

#include <algorithm>

#include "passes/split_joined.h"

namespace nitro::plan {
namespace {

using passes::Rewriter;

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
      return passes::split_joined(rewriter, node, *op);
    if (const auto* op = std::get_if<SkipLayerNormalization>(&node.op))
      return passes::split_joined(rewriter, node, *op);
    if (const auto* op = std::get_if<Conv>(&node.op)) return split(rewriter, node, *op);
    return false;
  });
}

}  // namespace nitro::plan
