#include "passes/lossy/norm_statistics.h"

#include <algorithm>
#include <cmath>

#include "ir/is_any.h"
#include "passes/lossy/half_range.h"
#include "passes/lossy/readers.h"
#include "passes/match.h"

namespace nitro::passes {
namespace {

class Finder {
 public:
  explicit Finder(const Graph& graph)
      : graph_(graph), readers_(readers(graph)), found_(graph.nodes().size(), false) {}

  std::vector<bool> find() {
    for (const Node& node : graph_.nodes()) {
      if (sums_squares(node)) {
        mark_squares(node);
      } else if (!is_guard(node)) {
        continue;
      }
      mark(node.outputs[0]);
      follow(node.outputs[0]);
    }
    return std::move(found_);
  }

 private:
  void mark(ValueId made) { found_[graph_.value(made).producer] = true; }

  /// The node that makes a square of something.
  const Node* square(ValueId value) const {
    const Node* product = made_by(graph_, value, BinaryKind::kMul);
    if (product && product->inputs[0] == product->inputs[1]) return product;
    const auto power = with_scalar(graph_, value, BinaryKind::kPow);
    return power && power->scalar == 2 ? power->node : nullptr;
  }

  bool sums_squares(const Node& node) const {
    const auto* reduce = std::get_if<Reduce>(&node.op);
    if (!reduce) return false;
    const ReduceKind kind = reduce->kind;
    if (kind == ReduceKind::kL2 || kind == ReduceKind::kSumSquare) return true;
    return (kind == ReduceKind::kMean || kind == ReduceKind::kSum) && square(node.inputs[0]);
  }

  /// Adds a tiny number, or is at least one.
  bool is_guard(const Node& node) const {
    const auto is_tiny = [](double x) { return x > 0 && x < kLeastNormalHalf; };
    if (const auto* clip = std::get_if<Clip>(&node.op)) return is_tiny(clip->low);
    const bool sum = node.op == Op(Binary{BinaryKind::kAdd});
    if (!sum && node.op != Op(Binary{BinaryKind::kMax})) return false;
    return std::ranges::any_of(node.inputs,
                               [&](ValueId id) { return is_tiny(splat(graph_, id).value_or(0)); });
  }

  /// What the squares that `node` sums up are of: differences, and the mean in them.
  void mark_squares(const Node& node) {
    const Node* product = square(node.inputs[0]);
    if (product) mark(node.inputs[0]);
    const ValueId base = product ? product->inputs[0] : node.inputs[0];
    const Node* difference = made_by(graph_, base, BinaryKind::kSub);
    if (!difference || !made_by<Reduce>(graph_, difference->inputs[1])) return;
    mark(base);
    mark(difference->inputs[1]);
  }

  /// From a statistic to the quotient.
  void follow(ValueId statistic) {
    std::vector<ValueId> left = {statistic};
    while (!left.empty()) {
      const ValueId value = left.back();
      left.pop_back();
      for (NodeId id : readers_[value]) {
        const Node& node = graph_.node(id);
        const bool goes_on = passes_on(node);
        if (found_[id] || !(goes_on || applies(node))) continue;
        found_[id] = true;
        if (goes_on) left.push_back(node.outputs[0]);
      }
    }
  }

  /// Whether `node` makes another statistic of one.
  bool passes_on(const Node& node) const {
    if (is_any<Clip, Reshape, Expand>(node.op)) return true;
    if (const auto* unary = std::get_if<Unary>(&node.op))
      return unary->kind == UnaryKind::kSqrt || unary->kind == UnaryKind::kReciprocal;
    const auto* binary = std::get_if<Binary>(&node.op);
    const bool with_constant =
        std::ranges::any_of(node.inputs, [&](ValueId id) { return graph_.constant(id); });
    return binary && with_constant;
  }

  static bool applies(const Node& node) {
    return node.op == Op(Binary{BinaryKind::kMul}) || node.op == Op(Binary{BinaryKind::kDiv});
  }

  const Graph& graph_;
  const std::vector<std::vector<NodeId>> readers_;
  std::vector<bool> found_;
};

}  // namespace

std::vector<bool> norm_statistics(const Graph& graph) { return Finder(graph).find(); }

}  // namespace nitro::passes
