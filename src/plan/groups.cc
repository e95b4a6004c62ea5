#include "plan/groups.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "ir/op.h"

namespace nitro::plan {
namespace {

/// Names what no step can compute.
Result<void> check_supported(const Lowering& lowering, const std::vector<bool>& taken) {
  const Graph& graph = lowering.graph();
  std::set<std::string> culprits;
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    const Node& node = graph.node(id);
    if (taken[id] || !lowering.uses().is_live(id) || has_element_code(graph, node)) continue;
    std::string name = node.origins.empty() ? std::string() : graph.origins()[node.origins[0]].node;
    if (name.empty()) name = fmt::format("node {}", id);
    culprits.insert(fmt::format("{} ({})", display_name(node.op), name));
  }
  if (culprits.empty()) return {};
  return fail(ErrorCode::kUnsupportedOp, "no kernel computes {}", fmt::join(culprits, ", "));
}

}  // namespace

const std::vector<NodeId>& nodes_of(const Group& group) {
  return std::visit([](const auto& each) -> const std::vector<NodeId>& { return each.nodes; },
                    group);
}

Result<std::vector<Group>> groups_of(const Lowering& lowering) {
  const Graph& graph = lowering.graph();
  std::vector<Group> groups;
  std::vector<bool> taken(graph.nodes().size(), false);
  const auto is_free = [&](NodeId id) { return !taken[id]; };
  const auto take = [&](Group group) {
    for (NodeId id : nodes_of(group)) taken[id] = true;
    groups.push_back(std::move(group));
  };
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    if (taken[id] || !lowering.uses().is_live(id)) continue;
    if (auto product = product_of(graph, id)) {
      take_integers(lowering, *product);
      take_normalization(lowering, *product);
      take_epilogue(lowering, is_free, *product);
      take(std::move(*product));
    } else if (auto attention = attention_of(lowering, id)) {
      take(std::move(*attention));
    }
  }
  TRY(check_supported(lowering, taken));
  take_movement(lowering, groups);
  for (const Group& group : groups) {
    for (NodeId id : nodes_of(group)) taken[id] = true;
  }
  std::vector<Fusion> fusions = fusions_of(lowering, taken);
  take_movement(lowering, groups, fusions);
  for (Fusion& fusion : fusions) groups.push_back(std::move(fusion));
  std::ranges::stable_sort(groups, {},
                           [](const Group& group) { return std::ranges::max(nodes_of(group)); });
  return groups;
}

}  // namespace nitro::plan
