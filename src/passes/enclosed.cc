#include "passes/enclosed.h"

#include <map>
#include <set>

namespace nitro::passes {

bool is_enclosed(const Graph& graph, const std::vector<uint32_t>& uses,
                 const std::vector<const Node*>& nodes, ValueId root) {
  const std::set<const Node*> unique(nodes.begin(), nodes.end());
  std::map<ValueId, uint32_t> reads;
  for (const Node* node : unique) {
    for (ValueId input : node->inputs) ++reads[input];
  }
  for (const Node* node : unique) {
    for (ValueId output : node->outputs) {
      if (output != root && uses[output] != reads[output]) return false;
    }
  }
  return graph.producer(root) && unique.contains(graph.producer(root));
}

}  // namespace nitro::passes
