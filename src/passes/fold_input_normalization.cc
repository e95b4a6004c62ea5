#include <algorithm>

#include "passes/channel_affine.h"
#include "passes/passes.h"

namespace nitro::passes {
namespace {

/// The convolution of x * scale + shift becomes one of x.
Result<bool> fold(Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.source();
  const auto* conv = std::get_if<Conv>(&node.op);
  if (!conv) return false;
  const Tensor* weight = graph.constant(node.inputs[1]);
  const ValueId bias = node.inputs.size() > 2 ? node.inputs[2] : kNoValue;
  if (!weight || (bias != kNoValue && !graph.constant(bias))) return false;
  const ChannelAffine affine = trace_channel_affine(rewriter, node.inputs[0]);
  // A broadcast channel is that of fold-replicated-input.
  if (affine.nodes.empty() || graph.type(affine.source) != graph.type(node.inputs[0])) return false;
  if (affine.has_shift() && pads(*conv)) return false;

  Folded folded = fold_into_convolution(affine, *weight, graph.constant(bias), conv->group);
  TRY(replace_convolution(rewriter, node, affine, std::move(folded)));
  return true;
}

}  // namespace

Result<bool> fold_input_normalization(Graph& graph, const Parameters&) {
  return rewrite(graph, fold, 1);
}

}  // namespace nitro::passes
