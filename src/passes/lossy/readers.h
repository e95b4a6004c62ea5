#pragma once

#include <vector>

#include "ir/graph.h"

namespace nitro::passes {

/// The nodes that read each value.
inline std::vector<std::vector<NodeId>> readers(const Graph& graph) {
  std::vector<std::vector<NodeId>> nodes(graph.values().size());
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    for (ValueId input : graph.node(id).inputs) {
      if (input != kNoValue && (nodes[input].empty() || nodes[input].back() != id))
        nodes[input].push_back(id);
    }
  }
  return nodes;
}

}  // namespace nitro::passes
