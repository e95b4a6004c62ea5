#include <cmath>

#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"
#include "passes/weights.h"

namespace nitro::passes {
namespace {

/// y = x * scale[c] + shift[c]
struct Affine {
  std::vector<double> scale, shift;
};

std::optional<Affine> affine_of(const Graph& graph, const Node& node) {
  const auto& norm = std::get<BatchNormalization>(node.op);
  for (size_t i = 1; i < 5; ++i) {
    if (!graph.constant(node.inputs[i])) return std::nullopt;
  }
  const auto values = [&](size_t i) { return graph.constant(node.inputs[i])->as<double>(); };
  Affine affine{values(1), values(2)};
  const std::vector<double> mean = values(3), variance = values(4);
  for (size_t c = 0; c < mean.size(); ++c) {
    affine.scale[c] /= std::sqrt(variance[c] + norm.epsilon);
    affine.shift[c] -= mean[c] * affine.scale[c];
  }
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

Tensor shifted(const Tensor* bias, const TensorType& type, const Affine& affine) {
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
Result<bool> fold_convolution(Rewriter& rewriter, const Node& norm, const OpT& op) {
  const Graph& graph = rewriter.source();
  const Node& inner = *graph.producer(norm.inputs[0]);
  const Tensor* weight = graph.constant(inner.inputs[1]);
  const ValueId bias = inner.inputs.size() > 2 ? inner.inputs[2] : kNoValue;
  const auto affine = affine_of(graph, norm);
  if (!affine || !weight || (bias != kNoValue && !graph.constant(bias))) return false;
  if (weight->elements() == 0) return false;
  const TensorType type{weight->dtype(), {static_cast<int64_t>(affine->scale.size())}};
  const std::vector<ValueId> inputs = {
      rewriter.mapped(inner.inputs[0]),
      rewriter.add_constant(scaled(*weight, layout_of(op, weight->shape()), affine->scale)),
      rewriter.add_constant(shifted(graph.constant(bias), type, *affine))};
  rewriter.replace(norm.outputs[0], TRY(rewriter.emit(op, inputs, {&inner, &norm})));
  return true;
}

/// [rows, C] of a linear layer.
Result<bool> fold_linear(Rewriter& rewriter, const Node& norm) {
  const Graph& graph = rewriter.source();
  const auto layer = linear(graph, rewriter.all_uses(), norm.inputs[0]);
  const auto affine = affine_of(graph, norm);
  if (!layer || !affine || graph.type(norm.inputs[0]).rank() != 2) return false;
  const Tensor& weight = *graph.constant(layer->weight);
  const Layout layout{1, static_cast<size_t>(weight.shape()[0]), affine->scale.size(), 1};
  const TensorType type{weight.dtype(), {weight.shape()[1]}};
  std::vector<const Node*> from = layer->nodes;
  from.push_back(&norm);
  const ValueId product = TRY(rewriter.emit(
      MatMul{},
      {rewriter.mapped(layer->x), rewriter.add_constant(scaled(weight, layout, affine->scale))},
      from));
  const Tensor bias = shifted(graph.constant(layer->bias), type, *affine);
  rewriter.replace(
      norm.outputs[0],
      TRY(rewriter.emit(Binary{BinaryKind::kAdd}, {product, rewriter.add_constant(bias)}, from)));
  return true;
}

Result<bool> fold(Rewriter& rewriter, const Node& node) {
  if (!std::holds_alternative<BatchNormalization>(node.op) || !rewriter.used_once(node.inputs[0])) {
    return false;
  }
  const Graph& graph = rewriter.source();
  if (const auto* conv = made_by<Conv>(graph, node.inputs[0]))
    return fold_convolution(rewriter, node, *conv);
  if (const auto* transposed = made_by<ConvTranspose>(graph, node.inputs[0]))
    return fold_convolution(rewriter, node, *transposed);
  return fold_linear(rewriter, node);
}

}  // namespace

Result<bool> fold_batch_norm(Graph& graph, const Parameters&) { return rewrite(graph, fold); }

}  // namespace nitro::passes
