#include <cmath>
#include <map>
#include <set>

#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"
#include "passes/weights.h"

namespace nitro::passes {
namespace {

/// The first `columns` of each row of `tensor` (a matrix or a vector), times `factor`.
Tensor scale_columns(const Tensor& tensor, int64_t columns, double factor) {
  Weights scaled(tensor);
  const auto width = static_cast<size_t>(tensor.shape().back());
  for (size_t i = 0; i < scaled.values.size(); ++i) {
    if (i % width < static_cast<size_t>(columns)) scaled.values[i] *= factor;
  }
  return scaled.tensor();
}

Result<bool> fold_projected(Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.source();
  const auto* attention = std::get_if<ProjectedAttention>(&node.op);
  if (!attention || attention->scale == 1) return false;
  std::vector<ValueId> inputs = rewriter.mapped(node.inputs);
  for (size_t i : {1, 2}) {
    const Tensor* tensor = graph.constant(node.inputs[i]);
    if (!tensor) return false;
    const int64_t columns = tensor->shape().back() / 3;
    inputs[i] = rewriter.add_constant(scale_columns(*tensor, columns, attention->scale));
  }
  rewriter.replace(node.outputs[0],
                   TRY(rewriter.emit(ProjectedAttention{attention->heads, 1}, inputs, {&node})));
  return true;
}

/// Products and quotients with one constant before or after a product of scores, whose factor can
/// go into the linear layer that makes q.
class ScalePlan {
 public:
  explicit ScalePlan(const Graph& graph) : graph_(graph), uses_(use_counts(graph)) {
    for (const Node& node : graph.nodes()) {
      if (std::holds_alternative<MatMul>(node.op) && is_scores(node)) {
        for (ValueId operand : node.inputs) plan_before(operand);
      }
      plan_after(node);
    }
  }

  Result<bool> operator()(Rewriter& rewriter, const Node& node) const {
    if (removed_.contains(&node)) {
      const size_t side = graph_.constant(node.inputs[0]) ? 1 : 0;
      rewriter.replace(node.outputs[0], rewriter.mapped(node.inputs[side]));
      return true;
    }
    const auto found = factors_.find(&node);
    if (found == factors_.end()) return fold_projected(rewriter, node);
    const auto& [factor, scales] = found->second;
    std::vector<const Node*> from = scales;
    from.push_back(&node);
    std::vector<ValueId> inputs = rewriter.mapped(node.inputs);
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Tensor* tensor = graph_.constant(node.inputs[i]);
      if (!tensor) continue;
      inputs[i] = rewriter.add_constant(scale_columns(*tensor, tensor->shape().back(), factor));
    }
    rewriter.replace(node.outputs[0], TRY(rewriter.emit(node.op, inputs, from)));
    return true;
  }

 private:
  struct Factor {
    double value = 1;
    std::vector<const Node*> scales;
  };

  bool is_scores(const Node& node) const {
    return !graph_.constant(node.inputs[0]) && !graph_.constant(node.inputs[1]);
  }
  std::optional<WithScalar> scaling(ValueId value) const {
    auto scaled = with_scalar(graph_, value, BinaryKind::kMul);
    if (!scaled) {
      scaled = with_scalar(graph_, value, BinaryKind::kDiv);
      if (scaled) scaled->scalar = 1 / scaled->scalar;
    }
    const bool broadcasts = scaled && graph_.type(scaled->operand) != graph_.type(value);
    return broadcasts ? std::nullopt : scaled;
  }
  /// The linear layer from which `value` comes by movement alone, everything read once.
  std::optional<Linear> layer_of(ValueId value) const {
    while (uses_[value] == 1) {
      if (auto layer = linear(graph_, uses_, value)) return layer;
      const Node* node = graph_.producer(value);
      if (!node || (!std::holds_alternative<Reshape>(node->op) &&
                    !std::holds_alternative<Transpose>(node->op))) {
        break;
      }
      value = node->inputs[0];
    }
    return std::nullopt;
  }
  void add(const Linear& layer, double factor, const Node* scale) {
    if (!std::isfinite(factor) || factor == 1) return;
    for (const Node* node : layer.nodes) {
      factors_[node].value *= factor;
      factors_[node].scales.push_back(scale);
    }
    removed_.insert(scale);
  }
  /// scores = (s * q) @ k, or s at k.
  void plan_before(ValueId value) {
    while (uses_[value] == 1 &&
           (made_by<Reshape>(graph_, value) || made_by<Transpose>(graph_, value)))
      value = graph_.producer(value)->inputs[0];
    const auto scaled = scaling(value);
    if (!scaled || uses_[value] != 1) return;
    if (const auto layer = layer_of(scaled->operand)) add(*layer, scaled->scalar, scaled->node);
  }
  /// s * (q @ k)
  void plan_after(const Node& node) {
    const auto scaled = scaling(node.outputs[0]);
    if (!scaled || !made_by<MatMul>(graph_, scaled->operand) || uses_[scaled->operand] != 1) return;
    const Node& scores = *graph_.producer(scaled->operand);
    if (!is_scores(scores)) return;
    if (const auto layer = layer_of(scores.inputs[0])) add(*layer, scaled->scalar, scaled->node);
  }

  const Graph& graph_;
  std::vector<uint32_t> uses_;
  std::map<const Node*, Factor> factors_;
  std::set<const Node*> removed_;
};

}  // namespace

Result<bool> fold_attention_scale(Graph& graph, const Parameters&) {
  bool any = false;
  // A factor may uncover another between it and the layer.
  while (TRY(rewrite(graph, ScalePlan(graph), 1))) any = true;
  return any;
}

}  // namespace nitro::passes
