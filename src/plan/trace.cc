#include "plan/trace.h"

#include <algorithm>
#include <numeric>

#include "reference/evaluate.h"

namespace nitro::plan {
namespace {

/// The places of `node`'s output `value`, given those of its first operand.
std::optional<Tensor> moved(const Graph& graph, const Node& node, ValueId value,
                            const Tensor& places) {
  std::vector<const Tensor*> operands{&places};
  for (size_t i = 1; i < node.inputs.size(); ++i)
    operands.push_back(graph.constant(node.inputs[i]));
  auto results = reference::evaluate_op(node.op, operands);
  if (!results) return std::nullopt;
  const auto output =
      static_cast<size_t>(std::ranges::find(node.outputs, value) - node.outputs.begin());
  return std::move((*results)[output]);
}

Tensor counted(const Shape& shape) {
  std::vector<int64_t> numbers(static_cast<size_t>(element_count(shape)));
  std::iota(numbers.begin(), numbers.end(), int64_t{0});
  return Tensor::of(DType::kI64, shape, numbers);
}

}  // namespace

bool moves(const Graph& graph, const Node& node) {
  if (std::holds_alternative<Gather>(node.op)) return graph.constant(node.inputs[1]) != nullptr;
  return std::holds_alternative<Reshape>(node.op) || std::holds_alternative<Transpose>(node.op) ||
         std::holds_alternative<Slice>(node.op) || std::holds_alternative<Split>(node.op) ||
         std::holds_alternative<Expand>(node.op);
}

Traced trace(const Graph& graph, ValueId value, const std::function<bool(ValueId)>& stop) {
  Traced traced{value};
  std::vector<ValueId> passed;
  while (!stop(traced.source)) {
    const Node* node = graph.producer(traced.source);
    if (!node || !moves(graph, *node)) break;
    traced.nodes.push_back(graph.value(traced.source).producer);
    passed.push_back(traced.source);
    traced.source = node->inputs[0];
  }
  std::ranges::reverse(traced.nodes);
  std::ranges::reverse(passed);
  std::optional<Tensor> places;
  for (size_t i = 0; i < passed.size(); ++i) {
    const Node& node = graph.node(traced.nodes[i]);
    if (!places && std::holds_alternative<Reshape>(node.op)) continue;
    if (!places) places = counted(graph.type(node.inputs[0]).shape);
    places = moved(graph, node, passed[i], *places);
    if (!places) return {value};
  }
  if (places) traced.places = places->as<int64_t>();
  return traced;
}

}  // namespace nitro::plan
