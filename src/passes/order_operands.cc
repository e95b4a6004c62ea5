#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

/// Constants of sums and products stand second, where other passes look for them.
Result<bool> order(Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.source();
  const auto* binary = std::get_if<Binary>(&node.op);
  if (!binary || (binary->kind != BinaryKind::kAdd && binary->kind != BinaryKind::kMul))
    return false;
  if (!graph.constant(node.inputs[0]) || graph.constant(node.inputs[1])) return false;
  const std::vector<ValueId> inputs = rewriter.mapped({node.inputs[1], node.inputs[0]});
  rewriter.replace(node.outputs[0], TRY(rewriter.emit(*binary, inputs, {&node})));
  return true;
}

}  // namespace

Result<bool> order_operands(Graph& graph, const Parameters&) { return rewrite(graph, order, 1); }

}  // namespace nitro::passes
