#include "passes/lossy/score_masks.h"

#include "ir/is_any.h"
#include "passes/match.h"

namespace nitro::passes {
namespace {

class Finder {
 public:
  explicit Finder(const Graph& graph) : graph_(graph), uses_(use_counts(graph)) {}

  ScoreMasks find() {
    for (const Node& node : graph_.nodes()) {
      const auto* softmax = std::get_if<Softmax>(&node.op);
      if (softmax && !softmax->log) follow(node.inputs[0]);
      if (is_any<Attention, ProjectedAttention>(node.op)) take_constant(node, 3);
    }
    return std::move(masks_);
  }

 private:
  /// From scores to what they are made of.
  void follow(ValueId scores) {
    std::vector<ValueId> left = {scores};
    while (!left.empty()) {
      const ValueId value = left.back();
      left.pop_back();
      const Node* node = graph_.producer(value);
      if (!node || uses_[value] != 1) continue;
      const bool sum = node->op == Op(Binary{BinaryKind::kAdd});
      if (!sum && !is_any<Reshape, Where>(node->op)) continue;
      for (size_t i = std::holds_alternative<Where>(node->op) ? 1 : 0; i < node->inputs.size();
           ++i) {
        take_constant(*node, i);
        left.push_back(node->inputs[i]);
      }
      masks_.masked.insert(value);
    }
  }

  void take_constant(const Node& node, size_t operand) {
    if (operand < node.inputs.size() && graph_.constant(node.inputs[operand]))
      masks_.operands.emplace(&node, operand);
  }

  const Graph& graph_;
  const std::vector<uint32_t> uses_;
  ScoreMasks masks_;
};

}  // namespace

ScoreMasks score_masks(const Graph& graph) { return Finder(graph).find(); }

}  // namespace nitro::passes
