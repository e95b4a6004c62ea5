#include "cli/graph_summary.h"

#include "cost/cost.h"

namespace nitro::cli {

GraphSummary summarize(const Graph& graph) {
  GraphSummary summary;
  summary.nodes = static_cast<int64_t>(graph.nodes().size());
  const std::vector<uint32_t> uses = use_counts(graph);
  for (ValueId id = 0; id < graph.values().size(); ++id) {
    if (!graph.constant(id) || uses[id] == 0) continue;
    if (is_float(graph.type(id).dtype)) summary.parameters += graph.type(id).elements();
    summary.constant_bytes += graph.type(id).bytes();
  }
  for (const Node& node : graph.nodes()) summary.flops += cost::cost_of(graph, node).flops;
  return summary;
}

Json values_json(const Graph& graph, const std::vector<ValueId>& ids) {
  Json list = Json::array();
  for (ValueId id : ids) {
    list.push_back(Json::object({{"name", graph.value(id).name},
                                 {"dtype", name(graph.type(id).dtype)},
                                 {"shape", Json::array_of(graph.type(id).shape)}}));
  }
  return list;
}

}  // namespace nitro::cli
