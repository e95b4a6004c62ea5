#include <cmath>

#include "passes/channel_affine.h"
#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"
#include "passes/weights.h"

namespace nitro::passes {
namespace {

/// The normalisation `node` of `inner`, as x * scale[c] + shift[c] of what that reads.
std::optional<ChannelAffine> affine_of(const Graph& graph, const Node& node,
                                       const ChannelAffine& inner) {
  const auto& norm = std::get<BatchNormalization>(node.op);
  for (size_t i = 1; i < 5; ++i) {
    if (!graph.constant(node.inputs[i])) return std::nullopt;
  }
  const auto values = [&](size_t i) { return graph.constant(node.inputs[i])->as<double>(); };
  ChannelAffine affine{inner.source, values(1), values(2), inner.nodes};
  const std::vector<double> mean = values(3), variance = values(4);
  for (size_t c = 0; c < mean.size(); ++c) {
    affine.scale[c] /= std::sqrt(variance[c] + norm.epsilon);
    affine.shift[c] += (inner.shift[c] - mean[c]) * affine.scale[c];
    affine.scale[c] *= inner.scale[c];
  }
  affine.nodes.push_back(&node);
  return affine;
}

/// How the outputs of a product lie in its weight: [before, channels, after] in each of `groups`.
struct Layout {
  size_t groups = 1, before = 1, channels = 1, after = 1;
};

Tensor scaled(const Tensor& weight, const Layout& layout, const std::vector<double>& scale) {
  Weights result(weight);
  for (size_t i = 0; i < result.values.size(); ++i) {
    const size_t channel = i / layout.after % layout.channels;
    const size_t group = i / (layout.after * layout.channels * layout.before);
    result.values[i] *= scale[group * layout.channels + channel];
  }
  return result.tensor();
}

Tensor shifted(const Tensor* bias, const TensorType& type, const ChannelAffine& affine) {
  Weights result = bias ? Weights(*bias) : Weights(type);
  for (size_t c = 0; c < result.values.size(); ++c) {
    result.values[c] = result.values[c] * affine.scale[c] + affine.shift[c];
  }
  return result.tensor();
}

Layout layout_of(const Conv&, const Shape& weight) {
  const auto outputs = static_cast<size_t>(weight[0]);
  return {1, 1, outputs, static_cast<size_t>(element_count(weight)) / outputs};
}

Layout layout_of(const ConvTranspose& op, const Shape& weight) {
  const auto groups = static_cast<size_t>(op.group), inputs = static_cast<size_t>(weight[0]);
  const auto outputs = static_cast<size_t>(weight[1]);
  return {groups, inputs / groups, outputs,
          static_cast<size_t>(element_count(weight)) / (inputs * outputs)};
}

template <class OpT>
Result<bool> fold_convolution(Rewriter& rewriter, const Node& norm, const ChannelAffine& affine,
                              const OpT& op) {
  const Graph& graph = rewriter.source();
  const Node& inner = *graph.producer(affine.source);
  const Tensor* weight = graph.constant(inner.inputs[1]);
  const ValueId bias = inner.inputs.size() > 2 ? inner.inputs[2] : kNoValue;
  if (!weight || (bias != kNoValue && !graph.constant(bias))) return false;
  if (weight->elements() == 0) return false;
  const TensorType type{weight->dtype(), {static_cast<int64_t>(affine.scale.size())}};
  const std::vector<ValueId> inputs = {
      rewriter.mapped(inner.inputs[0]),
      rewriter.add_constant(scaled(*weight, layout_of(op, weight->shape()), affine.scale)),
      rewriter.add_constant(shifted(graph.constant(bias), type, affine))};
  std::vector<const Node*> from = affine.nodes;
  from.push_back(&inner);
  rewriter.replace(norm.outputs[0], TRY(rewriter.emit(op, inputs, from)));
  return true;
}

/// [rows, C] of a linear layer.
Result<bool> fold_linear(Rewriter& rewriter, const Node& norm, const ChannelAffine& affine) {
  const Graph& graph = rewriter.source();
  const auto layer = linear(graph, rewriter.all_uses(), affine.source);
  if (!layer || graph.type(affine.source).rank() != 2) return false;
  const Tensor& weight = *graph.constant(layer->weight);
  const Layout layout{1, static_cast<size_t>(weight.shape()[0]), affine.scale.size(), 1};
  const TensorType type{weight.dtype(), {weight.shape()[1]}};
  std::vector<const Node*> from = affine.nodes;
  from.insert(from.end(), layer->nodes.begin(), layer->nodes.end());
  const ValueId scaled_weight = rewriter.add_constant(scaled(weight, layout, affine.scale));
  const ValueId product =
      TRY(rewriter.emit(MatMul{}, {rewriter.mapped(layer->x), scaled_weight}, from));
  const Tensor bias = shifted(graph.constant(layer->bias), type, affine);
  rewriter.replace(
      norm.outputs[0],
      TRY(rewriter.emit(Binary{BinaryKind::kAdd}, {product, rewriter.add_constant(bias)}, from)));
  return true;
}

/// Also through constants per channel between, such as a bias that was exported on its own.
Result<bool> fold(Rewriter& rewriter, const Node& node) {
  if (!std::holds_alternative<BatchNormalization>(node.op)) return false;
  const Graph& graph = rewriter.source();
  const ChannelAffine inner = trace_channel_affine(rewriter, node.inputs[0]);
  if (!rewriter.used_once(inner.source) || graph.type(inner.source) != graph.type(node.inputs[0])) {
    return false;
  }
  const auto affine = affine_of(graph, node, inner);
  if (!affine) return false;
  if (const auto* conv = made_by<Conv>(graph, affine->source))
    return fold_convolution(rewriter, node, *affine, *conv);
  if (const auto* transposed = made_by<ConvTranspose>(graph, affine->source))
    return fold_convolution(rewriter, node, *affine, *transposed);
  return fold_linear(rewriter, node, *affine);
}

}  // namespace

Result<bool> fold_batch_norm(Graph& graph, const Parameters&) { return rewrite(graph, fold); }

}  // namespace nitro::passes
