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
  const auto pads = [](const Ints& sizes) {
    return std::ranges::any_of(sizes, [](int64_t size) { return size != 0; });
  };
  if (affine.has_shift() && (pads(conv->pads_before) || pads(conv->pads_after))) return false;

  Folded folded = fold_into_convolution(affine, *weight, graph.constant(bias), conv->group);
  std::vector<ValueId> inputs = {rewriter.mapped(affine.source),
                                 rewriter.add_constant(std::move(folded.weight))};
  if (bias != kNoValue || affine.has_shift())
    inputs.push_back(rewriter.add_constant(std::move(folded.bias)));
  std::vector<const Node*> from = affine.nodes;
  from.push_back(&node);
  rewriter.replace(node.outputs[0], TRY(rewriter.emit(*conv, inputs, from)));
  return true;
}

}  // namespace

Result<bool> fold_input_normalization(Graph& graph, const Parameters&) {
  return rewrite(graph, fold, 1);
}

}  // namespace nitro::passes
