#include "predict/stored_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <ranges>
#include <set>

#include "ir/is_any.h"
#include "ir/print_op.h"
#include "predict/product_sizes.h"

namespace nitro::predict {
namespace {

bool only_moves(const Node& node) {
  return is_any<Reshape, Transpose, Slice, Split, Gather>(node.op);
}

/// Whether its kernel takes operands that lie anyhow.
bool is_strided(const Graph& graph, const Node& node) {
  return is_any<Attention>(node.op) ||
         (is_any<MatMul>(node.op) && !graph.constant(node.inputs[0]) &&
          !graph.constant(node.inputs[1]));
}

/// The nodes that only move what such a kernel reads or has made.
std::set<const Node*> around_strided(const Graph& graph) {
  std::set<const Node*> found;
  std::set<ValueId> made, read;
  for (const Node& node : graph.nodes()) {
    const bool moves = only_moves(node) && made.contains(node.inputs[0]);
    if (moves) found.insert(&node);
    if (moves || is_strided(graph, node)) made.insert(node.outputs.begin(), node.outputs.end());
  }
  for (const Node& node : graph.nodes() | std::views::reverse) {
    const bool moves = only_moves(node) && std::ranges::any_of(node.outputs, [&](ValueId output) {
                         return read.contains(output);
                       });
    if (moves) found.insert(&node);
    if (is_strided(graph, node)) read.insert(node.inputs.begin(), node.inputs.end());
    if (moves) read.insert(node.inputs[0]);
  }
  return found;
}

}  // namespace

StoredValues::StoredValues(const Graph& graph, Fusion fusion)
    : graph_(graph), stored_(graph.values().size()), readers_(graph.values().size()) {
  std::iota(stored_.begin(), stored_.end(), ValueId{0});
  const std::set<const Node*> views =
      fusion == Fusion::kTensorrt10 ? around_strided(graph) : std::set<const Node*>();
  std::map<std::string, ValueId> made;
  for (const Node& node : graph.nodes()) {
    if (views.contains(&node) || is_view(node)) {
      for (ValueId output : node.outputs) {
        if (output != kNoValue) stored_[output] = stored_[node.inputs[0]];
      }
      continue;
    }
    if (const std::optional<std::string> key = repeatable(node)) {
      const ValueId first = made.emplace(*key, node.outputs[0]).first->second;
      stored_[node.outputs[0]] = first;
      if (first != node.outputs[0]) continue;
    }
    for (ValueId input : std::set(node.inputs.begin(), node.inputs.end())) {
      if (input != kNoValue) readers_[stored_[input]].push_back(&node);
    }
  }
  for (ValueId output : graph.outputs()) readers_[stored_[output]].push_back(nullptr);
}

bool StoredValues::is_view(const Node& node) const {
  if (std::holds_alternative<Reshape>(node.op)) return true;
  if (std::holds_alternative<DequantizeLinear>(node.op)) return is_weight(graph_, node.outputs[0]);
  const auto* transpose = std::get_if<Transpose>(&node.op);
  if (!transpose) return false;
  const Shape& shape = graph_.type(node.inputs[0]).shape;
  int64_t last = -1;
  for (int64_t axis : transpose->perm) {
    if (shape[static_cast<size_t>(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

/// What two nodes have in common of which one is enough; nothing for those with weights.
std::optional<std::string> StoredValues::repeatable(const Node& node) const {
  const bool plain = node.outputs.size() == 1 && !std::holds_alternative<Opaque>(node.op) &&
                     std::ranges::all_of(node.inputs, [&](ValueId id) { return is_computed(id); });
  if (!plain) return std::nullopt;
  std::string key = print_op(node.op);
  for (ValueId input : node.inputs) key += fmt::format(" {}", stored_[input]);
  return key;
}

}  // namespace nitro::predict
