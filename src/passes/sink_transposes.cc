#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "ir/is_any.h"
#include "passes/passes.h"
#include "passes/rewriter.h"
#include "reference/evaluate.h"

namespace nitro::passes {
namespace {

Ints inverse(const Ints& perm) {
  Ints result(perm.size());
  for (size_t i = 0; i < perm.size(); ++i)
    result[static_cast<size_t>(perm[i])] = static_cast<int64_t>(i);
  return result;
}

Ints composed(const Ints& inner, const Ints& outer) {
  Ints result;
  for (int64_t axis : outer) result.push_back(inner[static_cast<size_t>(axis)]);
  return result;
}

bool is_elementwise(const Op& op) {
  return is_any<Unary, Activation, Gelu, Clip, Cast, Binary, Where>(op);
}

/// Whether it computes along axes that can be named anew.
bool is_along_axes(const Op& op) {
  const auto* reduce = std::get_if<Reduce>(&op);
  return is_any<Softmax>(op) || (reduce && reduce->keep_dims);
}

/// The nodes between transposes by one permutation and those that undo it: all of them can be
/// computed without.
struct Region {
  Ints perm = {};
  std::set<NodeId> nodes = {};
  std::set<ValueId> transposed = {};  // what they and the transposes before them make
};

/// Finds the largest region behind one transpose.
class Growth {
 public:
  explicit Growth(const Graph& graph) : graph_(graph), readers_(graph.values().size()) {
    for (NodeId id = 0; id < graph.nodes().size(); ++id) {
      for (ValueId input : graph.node(id).inputs) {
        if (input != kNoValue) readers_[input].push_back(id);
      }
    }
  }

  Region behind(const Node& transpose) const {
    Region region{std::get<Transpose>(transpose.op).perm, {}, {transpose.outputs[0]}};
    std::vector<ValueId> open = {transpose.outputs[0]};
    while (!open.empty()) {
      const ValueId value = open.back();
      open.pop_back();
      for (NodeId reader : readers_[value]) {
        if (region.nodes.contains(reader) || !joins(graph_.node(reader), region)) continue;
        region.nodes.insert(reader);
        for (ValueId made : graph_.node(reader).inputs) {
          if (is_entry(made, region) && region.transposed.insert(made).second) open.push_back(made);
        }
        const ValueId result = graph_.node(reader).outputs[0];
        region.transposed.insert(result);
        open.push_back(result);
      }
    }
    return region;
  }

  /// How many transposes fewer there are without the region's.
  int gain(const Region& region) const {
    int fewer = 0;
    for (ValueId value : region.transposed) {
      const bool entry = is_entry(value, region);
      bool stays = std::ranges::find(graph_.outputs(), value) != graph_.outputs().end();
      for (NodeId reader : readers_[value]) {
        if (region.nodes.contains(reader)) continue;
        const auto* transpose = std::get_if<Transpose>(&graph_.node(reader).op);
        if (!transpose) stays = true;
        if (transpose && std::ranges::is_sorted(composed(region.perm, transpose->perm))) ++fewer;
      }
      if (entry && !stays) ++fewer;
      if (!entry && stays) --fewer;
    }
    return fewer;
  }

 private:
  /// Whether it is made by a transpose as the region's.
  bool is_entry(ValueId value, const Region& region) const {
    const Node* maker = value == kNoValue ? nullptr : graph_.producer(value);
    return maker && maker->op == Op(Transpose{region.perm});
  }

  bool joins(const Node& node, const Region& region) const {
    if (node.outputs.size() != 1 || (!is_elementwise(node.op) && !is_along_axes(node.op)))
      return false;
    const int64_t rank = static_cast<int64_t>(region.perm.size());
    if (graph_.type(node.outputs[0]).rank() != rank) return false;
    return std::ranges::all_of(node.inputs, [&](ValueId input) {
      return input == kNoValue || graph_.constant(input) || region.transposed.contains(input) ||
             is_entry(input, region);
    });
  }

  const Graph& graph_;
  std::vector<std::vector<NodeId>> readers_;
};

class Sink {
 public:
  explicit Sink(Region region) : region_(std::move(region)) {}

  Result<bool> operator()(Rewriter& rewriter, const Node& node) {
    const auto id = static_cast<NodeId>(&node - rewriter.source().nodes().data());
    if (const auto* transpose = std::get_if<Transpose>(&node.op)) {
      if (region_.transposed.contains(node.outputs[0])) {
        before_[node.outputs[0]] = rewriter.mapped(node.inputs[0]);
      } else if (region_.transposed.contains(node.inputs[0])) {
        return leave(rewriter, node, composed(region_.perm, transpose->perm));
      }
      return false;
    }
    if (!region_.nodes.contains(id)) return false;
    std::vector<ValueId> inputs;
    for (ValueId input : node.inputs) inputs.push_back(TRY(operand(rewriter, input)));
    const ValueId result = TRY(rewriter.emit(renamed(node.op), inputs, {&node}));
    before_[node.outputs[0]] = result;
    rewriter.replace(node.outputs[0],
                     TRY(rewriter.emit(Transpose{region_.perm}, {result}, {&node})));
    return true;
  }

 private:
  /// Reads what was there before the region's transposes.
  Result<bool> leave(Rewriter& rewriter, const Node& node, Ints perm) {
    ValueId value = before_.at(node.inputs[0]);
    if (!std::ranges::is_sorted(perm))
      value = TRY(rewriter.emit(Transpose{std::move(perm)}, {value}, {&node}));
    rewriter.replace(node.outputs[0], value);
    return true;
  }

  /// The operand as it is before the transposes: constants are transposed back.
  Result<ValueId> operand(Rewriter& rewriter, ValueId input) {
    if (input == kNoValue) return kNoValue;
    const Tensor* constant = rewriter.source().constant(input);
    if (!constant) return before_.at(input);
    if (constant->shape().empty()) return rewriter.mapped(input);
    Shape shape(region_.perm.size() - constant->shape().size(), 1);
    shape.insert(shape.end(), constant->shape().begin(), constant->shape().end());
    const Tensor whole = TRY(computed(Reshape{shape}, *constant));
    return rewriter.add_constant(TRY(computed(Transpose{inverse(region_.perm)}, whole)));
  }

  static Result<Tensor> computed(const Op& op, const Tensor& operand) {
    const std::array<const Tensor*, 1> operands = {&operand};
    return std::move(TRY(reference::evaluate_op(op, operands))[0]);
  }

  /// With the axes as they are before the transposes.
  Op renamed(Op op) const {
    const auto axis_before = [&](int64_t axis) { return region_.perm[static_cast<size_t>(axis)]; };
    if (auto* softmax = std::get_if<Softmax>(&op)) softmax->axis = axis_before(softmax->axis);
    if (auto* reduce = std::get_if<Reduce>(&op)) {
      std::ranges::transform(reduce->axes, reduce->axes.begin(), axis_before);
      std::ranges::sort(reduce->axes);
    }
    return op;
  }

  const Region region_;
  std::map<ValueId, ValueId> before_;  // of what is transposed, in the result
};

std::optional<Region> find_region(const Graph& graph) {
  const Growth growth(graph);
  for (const Node& node : graph.nodes()) {
    if (!std::holds_alternative<Transpose>(node.op) || graph.constant(node.inputs[0])) continue;
    Region region = growth.behind(node);
    if (!region.nodes.empty() && growth.gain(region) > 0) return region;
  }
  return std::nullopt;
}

}  // namespace

Result<bool> sink_transposes(Graph& graph, const Parameters&) {
  Graph sunk = graph;
  bool any = false;
  while (std::optional<Region> region = find_region(sunk)) {
    TRY(rewrite(sunk, Sink(std::move(*region)), 1));
    any = true;
  }
  if (any) graph = std::move(sunk);
  return any;
}

}  // namespace nitro::passes
