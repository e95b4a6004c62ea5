#include "predict/live_bytes.h"

#include <algorithm>
#include <numeric>

namespace nitro::predict {

double most_live_elements(const Graph& graph) {
  const size_t values = graph.values().size();
  std::vector<ValueId> stored(values);
  std::iota(stored.begin(), stored.end(), ValueId{0});
  std::vector<size_t> last(values, 0);  // of each stored value, the node that reads it last
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const Node& node = graph.nodes()[i];
    if (std::holds_alternative<Reshape>(node.op)) stored[node.outputs[0]] = stored[node.inputs[0]];
    for (ValueId input : node.inputs) {
      if (input != kNoValue) last[stored[input]] = i;
    }
  }
  for (ValueId output : graph.outputs()) last[stored[output]] = graph.nodes().size();

  const auto elements = [&](ValueId id) { return static_cast<double>(graph.type(id).elements()); };
  std::vector<std::vector<ValueId>> ends(graph.nodes().size() + 1);
  double live = 0;
  const auto start = [&](ValueId id, size_t node) {
    live += elements(id);
    ends[std::max(last[id], node)].push_back(id);
  };
  for (ValueId input : graph.inputs()) start(input, 0);
  double most = live;
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    for (ValueId output : graph.nodes()[i].outputs) {
      if (output != kNoValue && stored[output] == output) start(output, i);
    }
    most = std::max(most, live);
    for (ValueId id : ends[i]) live -= elements(id);
  }
  return most;
}

}  // namespace nitro::predict
