#include "predict/stored_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "ir/print_op.h"
#include "predict/product_sizes.h"

namespace nitro::predict {

StoredValues::StoredValues(const Graph& graph)
    : graph_(graph), stored_(graph.values().size()), readers_(graph.values().size()) {
  std::iota(stored_.begin(), stored_.end(), ValueId{0});
  std::map<std::string, ValueId> made;
  for (const Node& node : graph.nodes()) {
    if (is_view(node)) {
      stored_[node.outputs[0]] = stored_[node.inputs[0]];
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
