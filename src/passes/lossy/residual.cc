#include "passes/lossy/residual.h"

#include <algorithm>
#include <map>

#include "ir/common_module.h"

namespace nitro::passes {
namespace {

/// The nodes between `x` and `y`; none where y needs anything else than x and constants.
std::set<const Node*> nodes_between(const Graph& graph, ValueId x, ValueId y) {
  const NodeId after = graph.value(x).producer;  // what comes earlier cannot depend on x
  std::set<const Node*> nodes;
  std::vector<ValueId> open = {y};
  while (!open.empty()) {
    const ValueId value = open.back();
    open.pop_back();
    if (value == x || value == kNoValue || graph.constant(value)) continue;
    const NodeId id = graph.value(value).producer;
    if (id == kNoNode || (after != kNoNode && id <= after)) return {};
    const Node& node = graph.node(id);
    if (nodes.insert(&node).second) open.insert(open.end(), node.inputs.begin(), node.inputs.end());
  }
  return nodes;
}

/// The LayerNorm on the last axis that alone of `nodes` reads `x`.
const Node* norm_of(const Graph& graph, const std::set<const Node*>& nodes, ValueId x) {
  const Node* norm = nullptr;
  for (const Node* node : nodes) {
    if (std::ranges::find(node->inputs, x) == node->inputs.end()) continue;
    const auto* op = std::get_if<LayerNormalization>(&node->op);
    const bool fits = op && op->axis == graph.type(x).rank() - 1 && !norm &&
                      graph.constant(node->inputs[1]) &&
                      (node->inputs.size() < 3 || graph.constant(node->inputs[2]));
    if (!fits) return nullptr;
    norm = node;
  }
  return norm;
}

}  // namespace

std::vector<ResidualBranch> residual_branches(const DenseLayers& layers) {
  const Graph& graph = layers.graph();
  std::vector<ResidualBranch> branches;
  std::map<std::string, int> times;
  for (const Node& node : graph.nodes()) {
    if (node.op != Op(Binary{BinaryKind::kAdd})) continue;
    for (size_t side : {0, 1}) {
      const ValueId x = node.inputs[side], y = node.inputs[1 - side];
      if (graph.constant(x) || graph.constant(y) || graph.type(x) != graph.type(y) ||
          graph.type(x).rank() < 2)
        continue;
      ResidualBranch branch{{}, &node, x, y, nullptr, x, nodes_between(graph, x, y), 0};
      std::vector<std::string> modules;
      for (const Dense& layer : layers.all()) {
        if (!branch.nodes.contains(layer.product)) continue;
        modules.push_back(common_module(layer.product->origins, graph.origins()));
        branch.weights += static_cast<size_t>(graph.type(layer.product->inputs[1]).elements());
      }
      if (modules.empty()) continue;
      branch.norm = norm_of(graph, branch.nodes, x);
      if (branch.norm) branch.source = branch.norm->outputs[0];
      branch.name = common_module(modules);
      if (branch.name.empty()) branch.name = graph.value(y).name;
      if (const int time = ++times[branch.name]; time > 1) branch.name += fmt::format("#{}", time);
      branches.push_back(std::move(branch));
      break;
    }
  }
  return branches;
}

}  // namespace nitro::passes
