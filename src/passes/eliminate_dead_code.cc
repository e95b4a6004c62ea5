#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {

Result<bool> eliminate_dead_code(Graph& graph, const Parameters&) {
  Graph live = without_dead_code(graph);
  const bool changed =
      live.nodes().size() != graph.nodes().size() || live.values().size() != graph.values().size();
  if (changed) graph = std::move(live);
  return changed;
}

}  // namespace nitro::passes
