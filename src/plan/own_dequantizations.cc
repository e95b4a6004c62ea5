#include "plan/own_dequantizations.h"

#include <algorithm>

#include "passes/rewriter.h"

namespace nitro::plan {

Result<Graph> with_own_dequantizations(const Graph& graph) {
  const auto dequantizes = [](const Node& node) {
    return std::holds_alternative<DequantizeLinear>(node.op);
  };
  if (std::ranges::none_of(graph.nodes(), dequantizes)) return graph;
  passes::Rewriter rewriter(graph);
  std::vector<bool> taken(graph.values().size(), false);
  for (const Node& node : graph.nodes()) {
    for (ValueId input : node.inputs) {
      if (input == kNoValue) continue;
      const Node* maker = graph.producer(input);
      if (!maker || !dequantizes(*maker)) continue;
      if (taken[input]) {
        rewriter.replace(input,
                         TRY(rewriter.emit(maker->op, rewriter.mapped(maker->inputs), {maker})));
      }
      taken[input] = true;
    }
    TRY(rewriter.copy(node));
  }
  return rewriter.finish();
}

}  // namespace nitro::plan
