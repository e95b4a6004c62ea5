#include "optimize/layer_changes.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "cost/cost.h"
#include "ir/common_module.h"

namespace nitro::optimize {
namespace {

struct Layers {
  std::vector<std::string> order;  // of first nodes
  std::map<std::string, LayerWork> work;
};

std::string module_of(const Graph& graph, const Node& node) {
  const std::string module = common_module(node.origins, graph.origins());
  return module.empty() && !node.origins.empty() ? graph.origins()[node.origins[0]].node : module;
}

std::string shape_text(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ",")); }

Layers layers_of(const Graph& graph) {
  Layers layers;
  std::set<ValueId> counted;
  for (const Node& node : graph.nodes()) {
    double bytes = 0;
    const Tensor* weight = nullptr;
    for (ValueId input : node.inputs) {
      const Tensor* constant = graph.constant(input);
      if (!constant) continue;
      weight = constant;
      if (counted.insert(input).second) bytes += static_cast<double>(constant->bytes().size());
    }
    const double flops = cost::cost_of(graph, node).flops;
    if (flops == 0 && bytes == 0) continue;
    const std::string module = module_of(graph, node);
    const auto [at, is_new] = layers.work.try_emplace(module);
    if (is_new) layers.order.push_back(module);
    LayerWork& work = at->second;
    if (!work.ops.empty()) work.ops += ", ";
    work.ops += display_name(node.op);
    if (weight && weight->elements() > 1) work.ops += " " + shape_text(weight->shape());
    work.flops += flops;
    work.weight_bytes += bytes;
  }
  return layers;
}

Json work_json(const LayerWork& work) {
  return Json::object(
      {{"ops", work.ops}, {"flops", work.flops}, {"weight_bytes", work.weight_bytes}});
}

}  // namespace

std::vector<LayerChange> layer_changes(const Graph& before, const Graph& after) {
  const Layers old = layers_of(before), made = layers_of(after);
  std::vector<LayerChange> changes;
  const auto work_in = [](const Layers& layers, const std::string& module) {
    const auto found = layers.work.find(module);
    return found == layers.work.end() ? LayerWork{} : found->second;
  };
  const auto add = [&](const std::string& module) {
    LayerChange change{module, work_in(old, module), work_in(made, module)};
    const LayerWork &a = change.before, &b = change.after;
    if (a.ops != b.ops || a.flops != b.flops || a.weight_bytes != b.weight_bytes)
      changes.push_back(std::move(change));
  };
  for (const std::string& module : old.order) add(module);
  for (const std::string& module : made.order)
    if (!old.work.contains(module)) add(module);
  return changes;
}

Json to_json(const std::vector<LayerChange>& changes) {
  Json list = Json::array();
  for (const LayerChange& change : changes) {
    list.push_back(Json::object({{"module", change.module},
                                 {"before", work_json(change.before)},
                                 {"after", work_json(change.after)}}));
  }
  return list;
}

}  // namespace nitro::optimize
