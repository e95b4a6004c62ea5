#include "passes/narrow_token.h"

#include <algorithm>

namespace nitro::passes {
namespace {

using Axes = std::vector<std::optional<int64_t>>;

/// The first operands alone are cut, at the same axis.
Narrowed first_operands(const Node& node, int64_t axis, size_t count) {
  Narrowed narrowed{node.op, Axes(node.inputs.size())};
  for (size_t i = 0; i < count; ++i) narrowed.axes[i] = axis;
  return narrowed;
}

Narrowed broadcasting(const Graph& graph, const Node& node, int64_t axis) {
  Narrowed narrowed{node.op, Axes(node.inputs.size())};
  const int64_t rank = graph.type(node.outputs[0]).rank();
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const Shape& shape = graph.type(node.inputs[i]).shape;
    const int64_t own = axis - (rank - static_cast<int64_t>(shape.size()));
    if (own >= 0 && shape[static_cast<size_t>(own)] != 1) narrowed.axes[i] = own;
  }
  return narrowed;
}

/// The axis of `from` that a reshape to `to` keeps as `axis`.
std::optional<int64_t> axis_before_reshape(const Shape& from, const Shape& to, int64_t axis) {
  int64_t outer = 1;
  for (int64_t i = 0; i < axis; ++i) outer *= to[static_cast<size_t>(i)];
  int64_t before = 1;
  for (size_t i = 0; i < from.size(); ++i) {
    if (before == outer && from[i] == to[static_cast<size_t>(axis)]) return static_cast<int64_t>(i);
    before *= from[i];
  }
  return std::nullopt;
}

std::optional<Narrowed> product(const Graph& graph, const Node& node, const MatMul& op,
                                int64_t axis) {
  if (axis != graph.type(node.outputs[0]).rank() - 2) return std::nullopt;
  const int64_t rank = graph.type(node.inputs[0]).rank();
  return Narrowed{op, {op.transpose_a ? rank - 1 : rank - 2, std::nullopt}};
}

std::optional<Narrowed> attention(const Graph& graph, const Node& node, const Attention& op,
                                  int64_t axis) {
  if (axis != graph.type(node.outputs[0]).rank() - 2 || op.causal) return std::nullopt;
  Narrowed narrowed = first_operands(node, axis, 1);
  if (node.inputs.size() > 3 && node.inputs[3] != kNoValue) {
    const Shape& bias = graph.type(node.inputs[3]).shape;
    if (bias.size() >= 2 && bias[bias.size() - 2] != 1)
      narrowed.axes[3] = static_cast<int64_t>(bias.size()) - 2;
  }
  return narrowed;
}

std::optional<Narrowed> movement(const Graph& graph, const Node& node, int64_t axis) {
  const auto at = static_cast<size_t>(axis);
  const Shape& from = graph.type(node.inputs[0]).shape;
  if (const auto* transpose = std::get_if<Transpose>(&node.op))
    return Narrowed{node.op, {transpose->perm[at]}};
  if (const auto* reshape = std::get_if<Reshape>(&node.op)) {
    const auto own = axis_before_reshape(from, reshape->shape, axis);
    if (!own) return std::nullopt;
    Reshape narrow = *reshape;
    narrow.shape[at] = 1;
    return Narrowed{narrow, {own}};
  }
  if (const auto* slice = std::get_if<Slice>(&node.op)) {
    if (slice->starts[at] != 0 || slice->sizes[at] != from[at] || slice->steps[at] != 1)
      return std::nullopt;
    Slice narrow = *slice;
    narrow.sizes[at] = 1;
    return Narrowed{narrow, {axis}};
  }
  const auto* split = std::get_if<Split>(&node.op);
  if (split && split->axis != axis) return Narrowed{node.op, {axis}};
  return std::nullopt;
}

}  // namespace

std::optional<Narrowed> narrow_token(const Graph& graph, const Node& node, int64_t axis) {
  const int64_t last = graph.type(node.outputs[0]).rank() - 1;
  if (std::holds_alternative<Binary>(node.op) || std::holds_alternative<Where>(node.op) ||
      std::holds_alternative<Unary>(node.op) || std::holds_alternative<Activation>(node.op) ||
      std::holds_alternative<Clip>(node.op) || std::holds_alternative<Cast>(node.op)) {
    return broadcasting(graph, node, axis);
  }
  if (std::holds_alternative<Gelu>(node.op))
    return axis < last ? std::optional(first_operands(node, axis, 1)) : std::nullopt;
  if (std::holds_alternative<SkipLayerNormalization>(node.op))
    return axis < last ? std::optional(first_operands(node, axis, 2)) : std::nullopt;
  if (const auto* norm = std::get_if<LayerNormalization>(&node.op))
    return axis < norm->axis ? std::optional(first_operands(node, axis, 1)) : std::nullopt;
  if (const auto* reduce = std::get_if<Reduce>(&node.op)) {
    const bool mixes = std::ranges::find(reduce->axes, axis) != reduce->axes.end();
    return reduce->keep_dims && !mixes ? std::optional(first_operands(node, axis, 1))
                                       : std::nullopt;
  }
  if (const auto* softmax = std::get_if<Softmax>(&node.op))
    return axis != softmax->axis ? std::optional(first_operands(node, axis, 1)) : std::nullopt;
  if (const auto* matmul = std::get_if<MatMul>(&node.op))
    return product(graph, node, *matmul, axis);
  if (const auto* op = std::get_if<Attention>(&node.op)) return attention(graph, node, *op, axis);
  return movement(graph, node, axis);
}

}  // namespace nitro::passes
