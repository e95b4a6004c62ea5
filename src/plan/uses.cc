#include "plan/uses.h"

#include <algorithm>

namespace nitro::plan {

Uses::Uses(const Graph& graph)
    : readers_(graph.values().size()),
      outputs_(graph.values().size()),
      live_(graph.nodes().size()) {
  for (ValueId output : graph.outputs()) outputs_[output] = true;
  for (auto id = static_cast<NodeId>(graph.nodes().size()); id-- > 0;) {
    const Node& node = graph.node(id);
    live_[id] = std::ranges::any_of(node.outputs, [&](ValueId value) { return is_used(value); });
    if (!live_[id]) continue;
    for (ValueId input : node.inputs) {
      if (input != kNoValue) readers_[input].push_back(id);
    }
  }
  for (auto& readers : readers_) std::ranges::reverse(readers);
}

}  // namespace nitro::plan
