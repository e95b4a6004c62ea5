#include <algorithm>
#include <set>

#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"
#include "passes/weights.h"

namespace nitro::passes {
namespace {

// Relative to the greatest summand of the row. e^-80 changes no f32 sum unless scores lie more than
// 60 apart; processors take up to a hundred times as long for what is left of a weight from e^-87
// on, where f32 has only subnormal numbers. From e^-104 on it is 0.
constexpr double kFaded = -80;
constexpr double kGone = -1000;
constexpr double kDeep = -10000;  // f16 has it too

/// `mask`, added to scores of rows of `width`, with what is faded gone; nullopt where nothing is.
std::optional<Tensor> deepened(const Tensor& mask, int64_t width) {
  if (!is_float(mask.dtype()) || mask.shape().empty() || mask.shape().back() != width) return {};
  Weights result(mask);
  bool changed = false;
  for (auto row = result.values.begin(); row != result.values.end(); row += width) {
    const double greatest = *std::max_element(row, row + width);
    for (auto value = row; value != row + width; ++value) {
      if (*value - greatest > kFaded || *value - greatest < kGone) continue;
      *value = greatest + kDeep;
      changed = true;
    }
  }
  if (!changed) return {};
  return result.tensor();
}

class Masks {
 public:
  explicit Masks(const Graph& graph) : graph_(graph), uses_(use_counts(graph)) {
    for (const Node& node : graph.nodes()) {
      const auto* softmax = std::get_if<Softmax>(&node.op);
      if (softmax && !softmax->log && softmax->axis == graph.type(node.inputs[0]).rank() - 1)
        collect_sums(node.inputs[0]);
    }
  }

  Result<bool> operator()(Rewriter& rewriter, const Node& node) const {
    const std::optional<size_t> place = mask_of(node);
    if (!place) return false;
    const Tensor* mask = graph_.constant(node.inputs[*place]);
    const std::optional<Tensor> deep = deepened(*mask, keys_of(node));
    if (!deep) return false;
    std::vector<ValueId> inputs = rewriter.mapped(node.inputs);
    inputs[*place] = rewriter.add_constant(*deep);
    rewriter.replace(node.outputs[0], TRY(rewriter.emit(node.op, inputs, {&node})));
    return true;
  }

 private:
  /// The sums whose rows a softmax takes, from the value that it reads upwards.
  void collect_sums(ValueId value) {
    const Node* node = graph_.producer(value);
    if (!node || uses_[value] != 1) return;
    if (std::holds_alternative<Reshape>(node->op)) {
      if (graph_.type(node->inputs[0]).shape.back() == graph_.type(value).shape.back())
        collect_sums(node->inputs[0]);
    } else if (made_by(graph_, value, BinaryKind::kAdd)) {
      sums_.insert(node);
      for (ValueId input : node->inputs) collect_sums(input);
    }
  }

  /// The operand of `node` that is a constant summand of scores.
  std::optional<size_t> mask_of(const Node& node) const {
    if (sums_.contains(&node)) {
      for (size_t i : {0, 1}) {
        if (graph_.constant(node.inputs[i])) return i;
      }
      return {};
    }
    if (!std::holds_alternative<Attention>(node.op) &&
        !std::holds_alternative<ProjectedAttention>(node.op)) {
      return {};
    }
    const bool given = node.inputs.size() > 3 && node.inputs[3] != kNoValue;
    if (!given || !graph_.constant(node.inputs[3])) return {};
    return 3;
  }

  /// How many scores a row has.
  int64_t keys_of(const Node& node) const {
    if (sums_.contains(&node)) return graph_.type(node.outputs[0]).shape.back();
    const Shape& source =
        graph_.type(node.inputs[std::holds_alternative<Attention>(node.op)]).shape;
    return source[source.size() - 2];
  }

  const Graph& graph_;
  std::vector<uint32_t> uses_;
  std::set<const Node*> sums_;
};

}  // namespace

Result<bool> deepen_masks(Graph& graph, const Parameters&) {
  return rewrite(graph, Masks(graph), 1);
}

}  // namespace nitro::passes
