#include "ir/graph.h"

#include <algorithm>

#include "ir/infer.h"

namespace nitro {

Graph::Graph() = default;
Graph::Graph(const Graph& other) = default;
Graph::Graph(Graph&& other) noexcept = default;
Graph& Graph::operator=(const Graph& other) = default;
Graph& Graph::operator=(Graph&& other) noexcept = default;
Graph::~Graph() = default;

ValueId Graph::add_input(std::string input_name, TensorType type) {
  const auto id = static_cast<ValueId>(values_.size());
  values_.push_back({std::move(type), std::move(input_name), kNoNode, std::nullopt});
  inputs_.push_back(id);
  return id;
}

ValueId Graph::add_constant(Tensor tensor, std::string constant_name) {
  const auto id = static_cast<ValueId>(values_.size());
  TensorType type = tensor.type();
  values_.push_back({std::move(type), std::move(constant_name), kNoNode, std::move(tensor)});
  return id;
}

Result<std::vector<ValueId>> Graph::add_node(Op op, std::vector<ValueId> inputs,
                                             std::vector<OriginId> node_origins,
                                             std::vector<std::string> names) {
  std::vector<const TensorType*> operands;
  for (ValueId input : inputs)
    operands.push_back(input == kNoValue ? nullptr : &values_[input].type);
  Types types = TRY(infer_types(op, operands));

  Node node{std::move(op), std::move(inputs), {}, std::move(node_origins)};
  std::ranges::sort(node.origins);
  const auto repeated = std::ranges::unique(node.origins);
  node.origins.erase(repeated.begin(), repeated.end());
  const auto node_id = static_cast<NodeId>(nodes_.size());
  for (size_t i = 0; i < types.size(); ++i) {
    node.outputs.push_back(static_cast<ValueId>(values_.size()));
    values_.push_back({std::move(types[i]), i < names.size() ? std::move(names[i]) : std::string(),
                       node_id, std::nullopt});
  }
  nodes_.push_back(std::move(node));
  return nodes_.back().outputs;
}

OriginId Graph::add_origin(Origin origin) {
  // The length, because a name can hold any separator.
  const auto [entry, inserted] = origin_ids_.try_emplace(
      std::to_string(origin.node.size()) + ':' + origin.node + origin.module,
      static_cast<OriginId>(origins_.size()));
  if (inserted) origins_.push_back(std::move(origin));
  return entry->second;
}

int64_t Graph::constant_bytes() const {
  int64_t bytes = 0;
  for (const Value& value : values_) {
    if (value.constant) bytes += value.type.bytes();
  }
  return bytes;
}

std::vector<uint32_t> use_counts(const Graph& graph) {
  std::vector<uint32_t> counts(graph.values().size(), 0);
  for (const Node& node : graph.nodes()) {
    for (ValueId input : node.inputs) {
      if (input != kNoValue) ++counts[input];
    }
  }
  for (ValueId output : graph.outputs()) ++counts[output];
  return counts;
}

}  // namespace nitro
