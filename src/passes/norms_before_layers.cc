#include "passes/norms_before_layers.h"

#include <optional>

#include "passes/weights.h"

namespace nitro::passes {
namespace {

/// Whether `node` only moves whole vectors of its first operand.
bool moves_rows(const Graph& graph, const Node& node, ValueId value) {
  if (node.inputs[0] != value) return false;
  const Shape& from = graph.type(value).shape;
  const Shape& to = graph.type(node.outputs[0]).shape;
  if (from.empty() || to.empty() || from.back() != to.back()) return false;
  const auto last = static_cast<int64_t>(from.size()) - 1;
  if (std::holds_alternative<Reshape>(node.op)) return true;
  if (const auto* transpose = std::get_if<Transpose>(&node.op))
    return transpose->perm.back() == last;
  if (const auto* slice = std::get_if<Slice>(&node.op)) return slice->steps.back() == 1;
  const auto* gather = std::get_if<Gather>(&node.op);
  return gather && gather->axis < last;
}

class Finder {
 public:
  explicit Finder(const Graph& graph) : graph_(graph), uses_(use_counts(graph)) {
    readers_.resize(graph.values().size());
    for (const Node& node : graph.nodes()) {
      for (ValueId input : node.inputs) {
        if (input != kNoValue) readers_[input].push_back(&node);
      }
    }
  }

  std::optional<NormBeforeLayers> find(const Node& node) const {
    const auto* op = std::get_if<LayerNormalization>(&node.op);
    if (!op && !std::holds_alternative<SkipLayerNormalization>(node.op)) return std::nullopt;
    const ValueId y = node.outputs[0];
    if (op && op->axis != graph_.type(y).rank() - 1) return std::nullopt;
    NormBeforeLayers found{&node, {}, {}};
    const ValueId shift = found.shift();
    if (!graph_.constant(found.scale()) || (shift != kNoValue && !graph_.constant(shift)))
      return std::nullopt;
    if (!collect(y, found) || found.layers.empty()) return std::nullopt;
    return found;
  }

 private:
  /// What reads `value`, also through movement of rows; false if it is neither.
  bool collect(ValueId value, NormBeforeLayers& found) const {
    if (uses_[value] != readers_[value].size()) return false;  // a graph output
    for (const Node* reader : readers_[value]) {
      if (moves_rows(graph_, *reader, value)) {
        found.moves.push_back(reader);
        if (!collect(reader->outputs[0], found)) return false;
      } else if (is_layer(*reader, value)) {
        found.layers.push_back(reader);
      } else {
        return false;
      }
    }
    return true;
  }

  bool is_layer(const Node& node, ValueId value) const {
    if (node.inputs[0] != value || !graph_.constant(operand(node, 1)) ||
        graph_.type(node.inputs[1]).rank() != 2) {
      return false;
    }
    if (node.op == Op(MatMul{})) return true;
    const ValueId bias = operand(node, 2);
    if (bias != kNoValue && !graph_.constant(bias)) return false;
    if (std::holds_alternative<ProjectedAttention>(node.op)) return bias != kNoValue;
    const auto* gemm = std::get_if<Gemm>(&node.op);
    const int64_t outputs = graph_.type(node.outputs[0]).shape.back();
    return gemm && !gemm->transpose_a && gemm->beta == 1 &&
           (bias == kNoValue || graph_.type(bias).elements() == outputs) &&
           (bias == kNoValue || graph_.type(bias).shape.back() == outputs);
  }

  const Graph& graph_;
  std::vector<uint32_t> uses_;
  std::vector<std::vector<const Node*>> readers_;
};

}  // namespace

ValueId NormBeforeLayers::shift() const { return operand(*norm, scale_operand() + 1); }

std::vector<NormBeforeLayers> norms_before_layers(const Graph& graph) {
  const Finder finder(graph);
  std::vector<NormBeforeLayers> norms;
  for (const Node& node : graph.nodes()) {
    if (auto found = finder.find(node)) norms.push_back(*std::move(found));
  }
  return norms;
}

ValueId operand(const Node& node, size_t i) {
  return i < node.inputs.size() ? node.inputs[i] : kNoValue;
}

Tensor scale_rows(const Tensor& weight, bool transposed, const std::vector<double>& scale) {
  Weights result(weight);
  const auto width = static_cast<size_t>(weight.shape()[1]);
  for (size_t i = 0; i < result.values.size(); ++i)
    result.values[i] *= scale[transposed ? i % width : i / width];
  return result.tensor();
}

bool transposes_weight(const Node& layer) {
  const auto* gemm = std::get_if<Gemm>(&layer.op);
  return gemm && gemm->transpose_b;
}

}  // namespace nitro::passes
