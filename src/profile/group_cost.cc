#include "profile/group_cost.h"

#include <unordered_set>

namespace nitro::profile {
namespace {

template <class... Ops>
bool is_any(const Op& op) {
  return (std::holds_alternative<Ops>(op) || ...);
}

bool is_movement(const Op& op) {
  return is_any<Reshape, Transpose, Expand, Slice, Concat, Split, Pad, Tile, DepthToSpace,
                SpaceToDepth, Gather, GatherElements, GatherND, Cast>(op);
}

/// The value that `id` is a reshaped view of.
ValueId unaliased(const Graph& graph, ValueId id) {
  while (const Node* node = graph.producer(id)) {
    if (!std::holds_alternative<Reshape>(node->op)) break;
    id = node->inputs[0];
  }
  return id;
}

}  // namespace

GroupCost group_cost(const onnx::ImportedModel& model, const std::vector<size_t>& nodes) {
  const Graph& graph = model.graph;
  GroupCost total;
  std::unordered_set<ValueId> made, read;
  std::vector<const Node*> members;
  for (size_t index : nodes) {
    for (NodeId id = model.nodes[index].first; id < model.nodes[index].last; ++id)
      members.push_back(&graph.node(id));
  }
  if (members.size() == 1) {
    const cost::Cost one = cost::cost_of(graph, *members[0]);
    return {one.flops, one.bytes(), is_movement(members[0]->op)};
  }
  for (const Node* node : members) {
    total.flops += cost::cost_of(graph, *node).flops;
    total.only_movement = total.only_movement && is_movement(node->op);
    for (ValueId output : node->outputs) made.insert(unaliased(graph, output));
    for (ValueId input : node->inputs) {
      if (input != kNoValue) read.insert(unaliased(graph, input));
    }
  }
  for (ValueId id : read) {
    if (!made.contains(id)) total.bytes += static_cast<double>(graph.type(id).bytes());
  }
  for (ValueId id : made) {
    if (!read.contains(id)) total.bytes += static_cast<double>(graph.type(id).bytes());
  }
  return total;
}

}  // namespace nitro::profile
