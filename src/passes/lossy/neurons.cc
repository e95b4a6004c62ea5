#include "passes/lossy/neurons.h"

#include <algorithm>

namespace nitro::passes {
namespace {

/// The operand that `node` changes one by one, along the last axis at least; kNoValue where it does
/// something else.
ValueId elementwise_operand(const Graph& graph, const Node& node) {
  const TensorType& type = graph.type(node.outputs[0]);
  const auto same = [&](ValueId x) { return graph.type(x) == type ? x : kNoValue; };
  if (std::holds_alternative<Unary>(node.op) || std::holds_alternative<Activation>(node.op) ||
      std::holds_alternative<Clip>(node.op))
    return same(node.inputs[0]);
  if (std::holds_alternative<Gelu>(node.op)) {
    const bool plain = node.inputs.size() < 2 || graph.constant(node.inputs[1]);
    return plain ? same(node.inputs[0]) : kNoValue;
  }
  if (std::holds_alternative<Binary>(node.op)) {
    const size_t side = graph.constant(node.inputs[0]) ? 0 : 1;
    return graph.constant(node.inputs[side]) ? same(node.inputs[1 - side]) : kNoValue;
  }
  if (std::holds_alternative<Reshape>(node.op)) {
    const Shape& shape = graph.type(node.inputs[0]).shape;
    return !shape.empty() && !type.shape.empty() && shape.back() == type.shape.back()
               ? node.inputs[0]
               : kNoValue;
  }
  return kNoValue;
}

}  // namespace

std::vector<Mlp> find_mlps(const DenseLayers& layers) {
  const Graph& graph = layers.graph();
  const std::vector<uint32_t> uses = use_counts(graph);
  std::vector<Mlp> mlps;
  for (const Dense& second : layers.all()) {
    Mlp mlp{nullptr, {}, &second};
    ValueId value = second.x;
    while (value != kNoValue && uses[value] == 1) {
      mlp.first = layers.making(value);
      const Node* node = graph.producer(value);
      if (mlp.first || !node) break;
      mlp.between.push_back(node);
      value = elementwise_operand(graph, *node);
    }
    if (mlp.first) mlps.push_back(std::move(mlp));
  }
  return mlps;
}

Tensor last_axis_part(const Tensor& tensor, const std::vector<size_t>& kept) {
  if (tensor.shape().empty() || tensor.shape().back() == 1) return tensor;
  const std::vector<double> values = tensor.as<double>();
  const auto width = static_cast<size_t>(tensor.shape().back());
  Shape shape = tensor.shape();
  shape.back() = static_cast<int64_t>(kept.size());
  std::vector<double> result;
  for (size_t row = 0; row < values.size(); row += width) {
    for (size_t i : kept) result.push_back(values[row + i]);
  }
  return Tensor::of(tensor.dtype(), shape, result);
}

Result<void> emit_between(Rewriter& rewriter, const Node& node, const std::vector<size_t>& kept) {
  const Graph& graph = rewriter.source();
  Op op = node.op;
  if (auto* reshape = std::get_if<Reshape>(&op))
    reshape->shape.back() = static_cast<int64_t>(kept.size());
  std::vector<ValueId> inputs;
  for (ValueId input : node.inputs) {
    const Tensor* constant = graph.constant(input);
    inputs.push_back(constant ? rewriter.add_constant(last_axis_part(*constant, kept))
                              : rewriter.mapped(input));
  }
  rewriter.replace(node.outputs[0], TRY(rewriter.emit(op, inputs, {&node})));
  return {};
}

}  // namespace nitro::passes
