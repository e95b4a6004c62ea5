#include "profile/group_cost.h"


#include "ir/is_any.h"
#include <numeric>
#include <unordered_map>
#include <unordered_set>

namespace nitro::profile {
namespace {

bool is_movement(const Op& op) {
  return is_any<Reshape, Transpose, Expand, Slice, Concat, Split, Pad, Tile, DepthToSpace,
                SpaceToDepth, Gather, GatherElements, GatherND, Cast>(op);
}

bool is_reshape(const Node& node) { return std::holds_alternative<Reshape>(node.op); }

}  // namespace

GroupCosts::GroupCosts(const onnx::ImportedModel& model) : model_(model) {
  const Graph& graph = model.graph;
  stored_.resize(graph.values().size());
  std::iota(stored_.begin(), stored_.end(), ValueId{0});
  reads_.assign(graph.values().size(), 0);
  for (const Node& node : graph.nodes()) {
    if (is_reshape(node)) {
      stored_[node.outputs[0]] = stored_[node.inputs[0]];
      continue;
    }
    for (ValueId input : node.inputs) {
      if (input != kNoValue) ++reads_[stored_[input]];
    }
  }
  for (ValueId output : graph.outputs()) ++reads_[stored_[output]];
}

GroupCost GroupCosts::of(const std::vector<size_t>& nodes) const {
  const Graph& graph = model_.graph;
  std::vector<const Node*> members;
  for (size_t index : nodes) {
    for (NodeId id = model_.nodes[index].first; id < model_.nodes[index].last; ++id)
      members.push_back(&graph.node(id));
  }
  if (members.size() == 1) {
    const cost::Cost one = cost::cost_of(graph, *members[0]);
    return {one.flops, one.bytes(), is_movement(members[0]->op)};
  }
  GroupCost total;
  for (const Node* node : members) {
    total.flops += cost::cost_of(graph, *node).flops;
    total.only_movement = total.only_movement && is_movement(node->op);
  }
  total.bytes = bytes_of(members);
  return total;
}

double GroupCosts::bytes_of(const std::vector<const Node*>& members) const {
  std::unordered_set<ValueId> made;
  std::unordered_map<ValueId, uint32_t> reads;
  for (const Node* node : members) {
    if (is_reshape(*node)) continue;
    made.insert(node->outputs.begin(), node->outputs.end());
    for (ValueId input : node->inputs) {
      if (input != kNoValue) ++reads[stored_[input]];
    }
  }
  double bytes = 0;
  const auto size = [&](ValueId id) { return static_cast<double>(model_.graph.type(id).bytes()); };
  for (const auto& [id, count] : reads) {
    if (!made.contains(id)) bytes += size(id);
  }
  for (ValueId id : made) {
    const auto inside = reads.find(id);
    if (reads_[id] > (inside == reads.end() ? 0 : inside->second)) bytes += size(id);
  }
  return bytes;
}

}  // namespace nitro::profile
