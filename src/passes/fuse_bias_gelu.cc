#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

/// gelu(x + b) with a constant vector b becomes one op.
Result<bool> fuse(Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.source();
  const auto* gelu = std::get_if<Gelu>(&node.op);
  if (!gelu || gelu->tanh || node.inputs.size() != 1) return false;
  const Node* add = made_by(graph, node.inputs[0], BinaryKind::kAdd);
  if (!add || !rewriter.used_once(node.inputs[0])) return false;
  const size_t side = graph.constant(add->inputs[0]) ? 0 : 1;
  const Shape& shape = graph.type(node.outputs[0]).shape;
  const ValueId bias = add->inputs[side];
  if (!graph.constant(bias) || graph.type(bias).shape != Shape{shape.back()} ||
      graph.type(add->inputs[1 - side]).shape != shape) {
    return false;
  }
  rewriter.replace(
      node.outputs[0],
      TRY(rewriter.emit(*gelu, {rewriter.mapped(add->inputs[1 - side]), rewriter.mapped(bias)},
                        {&node, add})));
  return true;
}

}  // namespace

Result<bool> fuse_bias_gelu(Graph& graph, const Parameters&) { return rewrite(graph, fuse, 1); }

}  // namespace nitro::passes
