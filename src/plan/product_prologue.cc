#include <algorithm>

#include "plan/product.h"

namespace nitro::plan {
namespace {

/// The LayerNorm over rows of `k` that makes `value`, if it gives nothing else that is used.
const LayerNormalization* row_norm(const Lowering& lowering, ValueId value, int64_t k) {
  const Graph& graph = lowering.graph();
  const Node* node = graph.producer(value);
  const auto* norm = node ? std::get_if<LayerNormalization>(&node->op) : nullptr;
  if (!norm || node->outputs[0] != value || graph.type(value).shape.back() != k ||
      norm->axis != graph.type(value).rank() - 1) {
    return nullptr;
  }
  for (size_t i = 1; i < node->outputs.size(); ++i) {
    if (lowering.uses().is_used(node->outputs[i])) return nullptr;
  }
  for (size_t i = 1; i < node->inputs.size(); ++i) {
    if (node->inputs[i] != kNoValue && !graph.constant(node->inputs[i])) return nullptr;
  }
  return norm;
}

std::vector<double> numbers_of(const Graph& graph, const Node& node, size_t operand,
                               double otherwise, int64_t k) {
  if (operand >= node.inputs.size() || node.inputs[operand] == kNoValue) {
    return std::vector<double>(static_cast<size_t>(k), otherwise);
  }
  return graph.constant(node.inputs[operand])->as<double>();
}

bool are_whole_rows(const MatrixPlaces& places, int64_t k) {
  for (size_t column = 0; column < places.offsets.size(); ++column) {
    if (places.offsets[column] != static_cast<int64_t>(column)) return false;
  }
  return std::ranges::all_of(places.bases, [k](int64_t base) { return base % k == 0; });
}

}  // namespace

void take_normalization(const Lowering& lowering, Product& product) {
  const Graph& graph = lowering.graph();
  if (!graph.constant(product.b.value) || product.batch != 1 || product.integers) return;
  const Traced traced = trace(graph, product.a.value, [](ValueId) { return false; });
  const LayerNormalization* norm = row_norm(lowering, traced.source, product.k);
  // What normalises in f16, or after a product in f16, cannot take wide rows.
  if (!norm || lowering.is_wide(graph.producer(traced.source)->inputs[0])) return;
  std::vector<ValueId> passed{traced.source, product.a.value};
  for (NodeId id : traced.nodes) passed.push_back(graph.node(id).inputs[0]);
  for (ValueId value : passed) {
    if (lowering.uses().only_reader(value) == kNoNode) return;
  }
  const std::optional<MatrixPlaces> rows = through(product.a.elements, traced.places);
  if (!rows || !are_whole_rows(*rows, product.k)) return;
  const NodeId id = graph.value(traced.source).producer;
  const Node& node = graph.node(id);
  product.normalization = {norm->epsilon, numbers_of(graph, node, 1, 1, product.k),
                           numbers_of(graph, node, 2, 0, product.k)};
  product.nodes.insert(product.nodes.end(), traced.nodes.begin(), traced.nodes.end());
  product.nodes.push_back(id);
  product.a = {node.inputs[0], *rows};
}

}  // namespace nitro::plan
