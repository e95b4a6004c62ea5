#include "passes/channel_affine.h"
#include "passes/passes.h"

namespace nitro::passes {
namespace {

/// The convolution of x * scale + shift becomes one of x.
std::optional<Folded> fold(const Rewriter& rewriter, const ConstantConv& conv, ValueId image) {
  const Graph& graph = rewriter.source();
  const ChannelAffine affine = trace_channel_affine(rewriter, image);
  // A broadcast channel is that of fold-replicated-input.
  if (affine.nodes.empty() || graph.type(affine.source) != graph.type(image)) return std::nullopt;
  if (affine.has_shift() && conv.pads()) return std::nullopt;
  return fold_into_convolution(affine, conv);
}

}  // namespace

Result<bool> fold_input_normalization(Graph& graph, const Parameters&) {
  return rewrite(
      graph, [](Rewriter& rewriter, const Node& node) { return fold_image(rewriter, node, fold); });
}

}  // namespace nitro::passes
