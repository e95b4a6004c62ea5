#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

/// x @ w + b on any rank becomes one Gemm on rows: runtimes add the bias inside the product.
Result<bool> lower(Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.source();
  const auto layer = linear(graph, rewriter.all_uses(), node.outputs[0]);
  if (!layer || layer->bias == kNoValue) return false;
  const Shape& shape = graph.type(layer->x).shape;
  const ValueId rows = TRY(rewriter.emit(Reshape{{rows_of(shape), shape.back()}},
                                         {rewriter.mapped(layer->x)}, layer->nodes));
  const ValueId product = TRY(rewriter.emit(
      Gemm{}, {rows, rewriter.mapped(layer->weight), rewriter.mapped(layer->bias)}, layer->nodes));
  rewriter.replace(node.outputs[0], TRY(rewriter.emit(Reshape{graph.type(node.outputs[0]).shape},
                                                      {product}, layer->nodes)));
  return true;
}

}  // namespace

Result<bool> lower_linear(Graph& graph, const Parameters&) { return rewrite(graph, lower, 1); }

}  // namespace nitro::passes
