#include "passes/lossy/single_nodes.h"

#include <algorithm>
#include <cmath>

#include "ir/is_any.h"
#include "passes/lossy/between_singles.h"
#include "passes/lossy/half_range.h"
#include "passes/lossy/norm_statistics.h"
#include "passes/lossy/readers.h"
#include "passes/match.h"

namespace nitro::passes {
namespace {

/// Of consecutive integers that f16 has.
constexpr double kMostExactInteger = 2048;

class Finder {
 public:
  Finder(const Graph& graph, const SingleRules& rules)
      : graph_(graph),
        rules_(rules),
        readers_(readers(graph)),
        single_(graph.nodes().size(), false) {}

  std::vector<bool> find() {
    if (rules_.sensitive) single_ = norm_statistics(graph_);
    for (NodeId id = 0; id < single_.size(); ++id) {
      const Node& node = graph_.node(id);
      if (is_fixed(node) || rules_.skipped.contains(node) ||
          (rules_.sensitive && is_sensitive(node)))
        single_[id] = true;
    }
    if (rules_.sensitive) mark_ranges();
    add_between_singles(graph_, readers_, single_);
    return std::move(single_);
  }

 private:
  /// Whether `node` works with quantised activations, which are fused as they are, or is unknown.
  bool is_fixed(const Node& node) const {
    if (is_any<Opaque, QuantizeLinear, DynamicQuantizeLinear>(node.op)) return true;
    if (std::holds_alternative<DequantizeLinear>(node.op)) return !graph_.constant(node.inputs[0]);
    return std::ranges::any_of(node.inputs, [&](ValueId id) {
      return made_by<DequantizeLinear>(graph_, id) &&
             !graph_.constant(graph_.producer(id)->inputs[0]);
    });
  }

  bool is_sensitive(const Node& node) const {
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const Tensor* constant = graph_.constant(node.inputs[i]);
      if (!constant || constant->dtype() != DType::kF32 ||
          rules_.masks.operands.contains({&node, i}))
        continue;
      if (overflows_half(*constant) || (is_factor(node, i) && is_mostly_subnormal_half(*constant)))
        return true;
    }
    if (const auto* pad = std::get_if<Pad>(&node.op); pad && std::isfinite(pad->value))
      return std::abs(pad->value) > kGreatestHalf;
    return casts_large_integers(node) || (rules_.extremes.empty() && grows(node));
  }

  /// Whether operand `i` is a factor: if small, f16 loses what the result is made of.
  static bool is_factor(const Node& node, size_t i) {
    if (is_any<Gemm, Conv, ConvTranspose, ProjectedAttention>(node.op)) return i == 1;
    return is_any<MatMul, Einsum, DequantizeLinear>(node.op) ||
           node.op == Op(Binary{BinaryKind::kMul}) || node.op == Op(Binary{BinaryKind::kDiv});
  }

  bool casts_large_integers(const Node& node) const {
    if (!std::holds_alternative<Cast>(node.op)) return false;
    const DType from = graph_.type(node.inputs[0]).dtype;
    if (!is_integer(from) || is_byte(from)) return false;
    const std::optional<double> most = magnitude(node.outputs[0]);
    return !most || *most > kMostExactInteger;
  }

  /// Whether results can be far larger than operands.
  static bool grows(const Node& node) {
    if (const auto* reduce = std::get_if<Reduce>(&node.op)) {
      return reduce->kind != ReduceKind::kMean && reduce->kind != ReduceKind::kMax &&
             reduce->kind != ReduceKind::kMin;
    }
    if (const auto* unary = std::get_if<Unary>(&node.op)) {
      return unary->kind == UnaryKind::kExp || unary->kind == UnaryKind::kSinh ||
             unary->kind == UnaryKind::kCosh;
    }
    const bool square = node.op == Op(Binary{BinaryKind::kMul}) && node.inputs[0] == node.inputs[1];
    return square || node.op == Op(Binary{BinaryKind::kPow}) || is_any<CumSum, LRN>(node.op);
  }

  /// Of the largest element seen, where that is known; of masked scores the largest above 0.
  std::optional<double> magnitude(ValueId value) const {
    if (rules_.extremes.empty() || !rules_.extremes[value]) return std::nullopt;
    const Extremes& seen = *rules_.extremes[value];
    return rules_.masks.masked.contains(value) ? seen.max : std::max(-seen.min, seen.max);
  }

  /// What makes or reads a value that is not for f16.
  void mark_ranges() {
    for (ValueId id = 0; id < graph_.values().size(); ++id) {
      const std::optional<double> most = magnitude(id);
      const bool above = most ? *most * rules_.margin > kGreatestHalf : is_made_of_too_large(id);
      const bool below = most && *most > 0 && *most < kLeastNormalHalf;
      if (!above && !below) continue;
      if (graph_.producer(id)) single_[graph_.value(id).producer] = true;
      for (NodeId reader : readers_[id]) single_[reader] = true;
    }
  }

  /// Whether `value`, of which nothing was seen, comes of a constant that f16 does not have.
  bool is_made_of_too_large(ValueId value) const {
    const Node* node = graph_.producer(value);
    if (!node || !is_any<Binary, Where>(node->op)) return false;
    if (rules_.masks.masked.contains(value) || graph_.type(value).dtype != DType::kF32)
      return false;
    return std::ranges::any_of(node->inputs, [&](ValueId id) {
      const Tensor* constant = graph_.constant(id);
      return constant && constant->dtype() == DType::kF32 && overflows_half(*constant);
    });
  }

  const Graph& graph_;
  const SingleRules& rules_;
  const std::vector<std::vector<NodeId>> readers_;
  std::vector<bool> single_;
};

}  // namespace

std::vector<bool> single_nodes(const Graph& graph, const SingleRules& rules) {
  return Finder(graph, rules).find();
}

bool has_singles(const Graph& graph, const Node& node) {
  const auto is_single = [&](ValueId id) {
    return id != kNoValue && graph.type(id).dtype == DType::kF32;
  };
  return std::ranges::any_of(node.inputs, is_single) ||
         std::ranges::any_of(node.outputs, is_single);
}

}  // namespace nitro::passes
