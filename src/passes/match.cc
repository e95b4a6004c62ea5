#include "passes/match.h"

#include <algorithm>

namespace nitro::passes {

const Node* made_by(const Graph& graph, ValueId value, UnaryKind kind) {
  const Node* node = graph.producer(value);
  return node && node->op == Op(Unary{kind}) ? node : nullptr;
}

const Node* made_by(const Graph& graph, ValueId value, BinaryKind kind) {
  const Node* node = graph.producer(value);
  return node && node->op == Op(Binary{kind}) ? node : nullptr;
}

std::optional<double> splat(const Graph& graph, ValueId value) {
  const Tensor* tensor = graph.constant(value);
  if (!tensor || tensor->elements() == 0) return std::nullopt;
  const auto width = static_cast<size_t>(size_of(tensor->dtype()));
  const std::byte* first = tensor->bytes().data();
  for (size_t at = width; at < tensor->bytes().size(); at += width) {
    if (std::memcmp(first, first + at, width) != 0) return std::nullopt;
  }
  return dispatch(tensor->dtype(), [&]<class T>(std::type_identity<T>) {
    return Tensor::convert<double>(tensor->data<T>()[0]);
  });
}

std::optional<WithScalar> with_scalar(const Graph& graph, ValueId value, BinaryKind kind) {
  const Node* node = made_by(graph, value, kind);
  if (!node) return std::nullopt;
  const bool commutes = kind == BinaryKind::kAdd || kind == BinaryKind::kMul;
  for (size_t side : commutes ? std::vector<size_t>{1, 0} : std::vector<size_t>{1}) {
    const ValueId operand = node->inputs[1 - side];
    const auto scalar = splat(graph, node->inputs[side]);
    // A constant that broadcasts the operand to a larger shape is more than a scalar.
    if (scalar && graph.type(operand) == graph.type(value))
      return WithScalar{node, operand, *scalar};
  }
  return std::nullopt;
}

std::optional<Linear> linear(const Graph& graph, const std::vector<uint32_t>& uses, ValueId value) {
  const auto product = [&](ValueId id) -> std::optional<Linear> {
    const Node* node = graph.producer(id);
    if (!node || node->op != Op(MatMul{})) return std::nullopt;
    if (!graph.constant(node->inputs[1]) || graph.type(node->inputs[1]).rank() != 2)
      return std::nullopt;
    return Linear{node->inputs[0], node->inputs[1], kNoValue, {node}};
  };
  if (auto found = product(value)) return found;
  const Node* add = made_by(graph, value, BinaryKind::kAdd);
  if (!add) return std::nullopt;
  for (size_t side : {0, 1}) {
    const ValueId bias = add->inputs[1 - side];
    auto found = product(add->inputs[side]);
    if (!found || uses[add->inputs[side]] != 1 || !graph.constant(bias)) continue;
    if (graph.type(bias).shape != Shape{graph.type(found->weight).shape[1]}) continue;
    found->bias = bias;
    found->nodes.push_back(add);
    return found;
  }
  return std::nullopt;
}

int64_t rows_of(const Shape& shape) {
  int64_t rows = 1;
  for (size_t i = 0; i + 1 < shape.size(); ++i) rows *= shape[i];
  return rows;
}

}  // namespace nitro::passes
