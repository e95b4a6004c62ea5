#include "plan/after_movement.h"

namespace nitro::plan {
namespace {

/// Where each element of the source is in the result that has element places[i] of it at i; nothing
/// where some element is nowhere or in two places.
std::optional<std::vector<int64_t>> inverse(const std::vector<int64_t>& places, int64_t elements) {
  if (static_cast<int64_t>(places.size()) != elements) return std::nullopt;
  std::vector<int64_t> result(places.size(), -1);
  for (size_t i = 0; i < places.size(); ++i) {
    int64_t& place = result[static_cast<size_t>(places[i])];
    if (place >= 0) return std::nullopt;
    place = static_cast<int64_t>(i);
  }
  return result;
}

}  // namespace

std::vector<Moved> after_movement(const Lowering& lowering, ValueId value) {
  const Graph& graph = lowering.graph();
  std::vector<Moved> all{{value}};
  while (true) {
    const Moved& last = all.back();
    const NodeId next = lowering.uses().only_reader(last.value);
    if (next == kNoNode || !moves(graph, graph.node(next)) ||
        graph.node(next).inputs[0] != last.value)
      break;
    for (ValueId output : graph.node(next).outputs) {
      if (graph.type(output).elements() != graph.type(value).elements()) return all;
    }
    Moved moved{graph.node(next).outputs[0], last.nodes};
    moved.nodes.push_back(next);
    const Traced traced = trace(graph, moved.value, [&](ValueId each) { return each == value; });
    if (!traced.identity()) {
      auto places = inverse(traced.places, graph.type(value).elements());
      if (!places) break;
      moved.places = std::move(*places);
    }
    all.push_back(std::move(moved));
  }
  return all;
}

}  // namespace nitro::plan
