#include "plan/lower.h"

#include <fmt/format.h>

#include "plan/after_movement.h"
#include "plan/channels_last.h"
#include "plan/lower_steps.h"
#include "plan/own_dequantizations.h"
#include "plan/wide_values.h"

namespace nitro::plan {
namespace {

std::string name_of(const Graph& graph, const Fusion& fusion) {
  std::string name;
  for (NodeId id : fusion.nodes) {
    if (moves(graph, graph.node(id)) && fusion.nodes.size() > 1) continue;
    if (!name.empty()) name += '+';
    name += display_name(graph.node(id).op);
  }
  constexpr size_t kLongest = 60;
  return name.size() > kLongest ? name.substr(0, kLongest) + "..." : name;
}

/// Writes the result as what movement makes of it: an image with its channels last, or the graph's
/// output.
void move_result(const Lowering& lowering, Fusion& fusion) {
  if (fusion.results.size() != 1) return;
  if (const auto last = channels_last_of(lowering, fusion.results[0])) {
    fusion.results[0] = *last;
    fusion.nodes.push_back(lowering.graph().value(*last).producer);
    return;
  }
  const Moved moved = after_movement(lowering, fusion.results[0]).back();
  if (!lowering.uses().is_output(moved.value)) return;
  fusion.results[0] = moved.value;
  fusion.nodes.insert(fusion.nodes.end(), moved.nodes.begin(), moved.nodes.end());
}

/// Adds the movement between what has a buffer and the nodes of the fusion.
void add_movement(const Lowering& lowering, Fusion& fusion) {
  const Graph& graph = lowering.graph();
  std::set<NodeId> nodes(fusion.nodes.begin(), fusion.nodes.end());
  for (NodeId id : fusion.nodes) {
    for (ValueId input : graph.node(id).inputs) {
      if (input == kNoValue || graph.constant(input)) continue;
      const auto stop = [&](ValueId value) {
        return lowering.has_buffer(value) || nodes.contains(graph.value(value).producer);
      };
      const Traced traced = trace(graph, input, stop);
      nodes.insert(traced.nodes.begin(), traced.nodes.end());
    }
  }
  fusion.nodes.assign(nodes.begin(), nodes.end());
}

Result<void> lower_group(Lowering& lowering, const Product& product) {
  return lower_product(lowering, product);
}
Result<void> lower_group(Lowering& lowering, const AttentionGroup& group) {
  return lower_attention(lowering, group);
}
Result<void> lower_group(Lowering& lowering, const Fusion& group) {
  const std::string name = name_of(lowering.graph(), group);
  Fusion fusion = group;
  move_result(lowering, fusion);
  add_movement(lowering, fusion);
  return lowering.add_loop(name, std::move(fusion));
}

}  // namespace

Result<Graph> arranged(const Graph& graph) {
  return with_channels_last(TRY(with_own_dequantizations(graph)));
}

Result<void> lower_steps(Lowering& lowering) {
  const std::vector<Group> groups = TRY(groups_of(lowering));
  for (const Group& group : groups) {
    TRY(std::visit([&](const auto& each) { return lower_group(lowering, each); }, group));
  }
  return lowering.finish();
}

Result<Plan> lower(const Graph& graph, const LowerOptions& options) {
  const Graph arranged = TRY(plan::arranged(graph));
  const Uses uses(arranged);
  std::vector<bool> wide;
  if (options.precision == Precision::kF16) wide = wide_values(arranged, options.samples);
  Lowering lowering(arranged, uses, options.precision, std::move(wide));
  TRY(lower_steps(lowering));
  return std::move(lowering.plan());
}

}  // namespace nitro::plan
