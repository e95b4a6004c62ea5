#include <algorithm>

#include "passes/channel_affine.h"
#include "passes/match.h"
#include "passes/passes.h"
#include "passes/weights.h"

namespace nitro::passes {
namespace {

bool has_one_channel(const Graph& graph, ValueId value) {
  const Shape& shape = graph.type(value).shape;
  return shape.size() > 1 && shape[1] == 1;
}

/// Whether `node` only copies the one channel of its first operand.
bool replicates(const Graph& graph, const Node& node) {
  Shape single = graph.type(node.outputs[0]).shape;
  if (single.size() < 2) return false;
  single[1] = 1;
  if (graph.type(node.inputs[0]).shape != single) return false;
  if (std::holds_alternative<Expand>(node.op) || std::holds_alternative<Tile>(node.op)) return true;
  if (const auto* concat = std::get_if<Concat>(&node.op)) {
    const auto first = [&](ValueId input) { return input == node.inputs[0]; };
    return concat->axis == 1 && std::ranges::all_of(node.inputs, first);
  }
  return node.op == Op(Gather{1}) && graph.constant(node.inputs[1]) &&
         graph.type(node.inputs[1]).rank() == 1;
}

/// w [M, C, kernel…] summed over C.
Tensor sum_of_channels(const Tensor& weight) {
  const Weights all(weight);
  Shape shape = weight.shape();
  const auto channels = static_cast<size_t>(shape[1]);
  shape[1] = 1;
  Weights sums(TensorType{weight.dtype(), shape});
  const size_t taps = sums.values.size() / static_cast<size_t>(shape[0]);
  for (size_t i = 0; i < all.values.size(); ++i) {
    const size_t output = i / (channels * taps);
    sums.values[output * taps + i % taps] += all.values[i];
  }
  return sums.tensor();
}

/// The convolution of a channel copied to all, scaled and shifted each, becomes one of the channel.
std::optional<Folded> fold(const Rewriter& rewriter, const ConstantConv& conv, ValueId image) {
  const Graph& graph = rewriter.source();
  if (conv.op.group != 1 || has_one_channel(graph, image)) return std::nullopt;
  ChannelAffine affine = trace_channel_affine(rewriter, image);
  if (!has_one_channel(graph, affine.source)) {
    const Node* copies = graph.producer(affine.source);
    if (!copies || !replicates(graph, *copies) || !rewriter.used_once(affine.source))
      return std::nullopt;
    affine.nodes.push_back(copies);
    affine.source = copies->inputs[0];
  }
  if (affine.has_shift() && conv.pads()) return std::nullopt;
  Folded folded = fold_into_convolution(affine, conv);
  folded.weight = sum_of_channels(folded.weight);
  return folded;
}

}  // namespace

Result<bool> fold_replicated_input(Graph& graph, const Parameters&) {
  return rewrite(
      graph, [](Rewriter& rewriter, const Node& node) { return fold_image(rewriter, node, fold); });
}

}  // namespace nitro::passes
