#include "profile/profile.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "ir/common_module.h"
#include "measure/median.h"
#include "profile/gpu_bound.h"
#include "profile/group_cost.h"
#include "profile/join.h"
#include "profile/module_tree.h"

namespace nitro::profile {
namespace {

/// Of Σ layers against end to end, beyond which the difference is a quality note.
constexpr double kSumTolerance = 0.03;

std::string short_name(const runner::NodeTime& node) {
  return node.domain.empty() || node.domain == "ai.onnx" ? node.op_type
                                                         : node.domain + "." + node.op_type;
}

std::vector<double> per_frame(const std::vector<int64_t>& durations, const Context& context) {
  std::vector<double> times;
  for (int64_t duration : durations) times.push_back(static_cast<double>(duration) * context.calls);
  return times;
}

/// The median, where there is one.
std::optional<double> measured_ns(const std::vector<int64_t>& durations, const Context& context) {
  if (durations.empty()) return {};
  return measure::median(per_frame(durations, context));
}

/// Whether an origin of a covered node is one of the executed node that is not yet in `known`.
bool comes_from(const runner::NodeTime& node, const Origin& origin,
                const std::vector<std::string>& known) {
  if (!node.origins) return true;
  return std::ranges::find(*node.origins, origin.node) != node.origins->end() &&
         std::ranges::find(known, origin.node) == known.end();
}

Layer describe(const runner::NodeTime& node, const Covered& covered, const Context& context) {
  Layer layer;
  layer.op = short_name(node);
  layer.name = node.name.empty() ? fmt::format("{}_{}", layer.op, node.index) : node.name;
  std::vector<std::string> modules;
  for (size_t index : covered.nodes) {
    for (const Origin& origin : context.model.nodes[index].origins) {
      if (!comes_from(node, origin, layer.origins)) continue;
      layer.origins.push_back(origin.node);
      modules.push_back(origin.module);
    }
  }
  layer.module = common_module(modules);
  const std::vector<double> times = per_frame(node.durations_ns, context);
  layer.again_ns = measured_ns(node.again_ns, context);
  layer.alone_ns = measured_ns(node.alone_ns, context);
  layer.kernel_ns = measured_ns(node.kernel_ns, context);
  layer.gap_ns = measured_ns(node.gap_ns, context);
  layer.waves = node.waves;
  layer.counters = node.counters;
  layer.time_ns = measure::median(times);
  if (const auto interval = measure::median_interval(times)) {
    layer.low_ns = interval->low;
    layer.high_ns = interval->high;
  }
  return layer;
}

/// Nodes that share one cover (a Gemm and the reshapes that the backend put around it) count its
/// work once: at the one that takes longest.
std::vector<bool> carries_work(const std::vector<Layer>& layers,
                               const std::vector<Covered>& covered) {
  std::map<std::vector<size_t>, size_t> heaviest;
  for (size_t i = 0; i < layers.size(); ++i) {
    const auto [entry, first] = heaviest.try_emplace(covered[i].nodes, i);
    if (!first && layers[i].time_ns > layers[entry->second].time_ns) entry->second = i;
  }
  std::vector<bool> carries(layers.size(), false);
  for (const auto& [nodes, index] : heaviest) carries[index] = !nodes.empty();
  return carries;
}

/// The node's own word about its work, or that of what it covers.
GroupCost work_of(const runner::NodeTime& node, const Covered& covered, bool carries,
                  const GroupCosts& costs) {
  GroupCost work = carries ? costs.of(covered.nodes) : GroupCost{};
  if (node.flops && node.bytes) work = {*node.flops, *node.bytes, *node.flops == 0};
  return work;
}

bool is_on_gpu(const runner::NodeTime& node) {
  return node.provider == "cuda" || node.provider.starts_with("CUDA");
}

std::string rates(const Layer& layer) {
  const double time_ns = std::max(layer.time_ns, 1.0);
  return fmt::format("{:.3g} TFLOP/s and {:.3g} GB/s; the roofs of the GPU are not known",
                     layer.flops / time_ns / 1e3, layer.bytes / time_ns);
}

/// `facts` are of one call. The roofs of the context are those of the processor.
Explanation explanation_of(const Layer& layer, const LayerFacts& facts,
                           const runner::NodeTime& node,
                           const std::optional<cuda::GpuRoofs>& gpu_roofs, const Context& context) {
  if (!is_on_gpu(node)) return explain(facts, context.roofs, context.threads, context.cache_bytes);
  if (!gpu_roofs) return {Bound::kUnknown, rates(layer)};
  return explain_on_gpu(facts, node.arithmetic.value_or(cuda::Arithmetic::kF32), *gpu_roofs);
}

double explained_ns(const Profile& profile) {
  return profile.layers_sum_ns + profile.start_ns.value_or(0);
}

void explain_layer(Layer& layer, bool only_movement, const runner::NodeTime& node,
                   const std::optional<cuda::GpuRoofs>& gpu_roofs, const Context& context) {
  const LayerFacts per_call{layer.time_ns / context.calls,
                            layer.flops / context.calls,
                            layer.bytes / context.calls,
                            only_movement,
                            node.operand_bytes.value_or(0),
                            node.waves.value_or(0),
                            node.counters};
  Explanation explanation = explanation_of(layer, per_call, node, gpu_roofs, context);
  layer.bound = explanation.bound;
  layer.evidence = std::move(explanation.evidence);
}

}  // namespace

Profile build_profile(const runner::NodeProfile& measured, const Context& context) {
  Profile profile;
  profile.total_ns = context.total_ns;
  profile.start_ns = measured_ns(measured.start_ns, context);
  profile.gpu_roofs = measured.gpu_roofs;
  const std::vector<Covered> covered = join(context.model, measured.nodes);
  for (size_t i = 0; i < measured.nodes.size(); ++i) {
    profile.layers.push_back(describe(measured.nodes[i], covered[i], context));
  }
  const std::vector<bool> carries = carries_work(profile.layers, covered);
  const GroupCosts costs(context.model);
  double attributed = 0;
  for (size_t i = 0; i < profile.layers.size(); ++i) {
    Layer& layer = profile.layers[i];
    const GroupCost work = work_of(measured.nodes[i], covered[i], carries[i], costs);
    layer.flops = work.flops * context.calls;
    layer.bytes = work.bytes * context.calls;
    explain_layer(layer, work.only_movement, measured.nodes[i], measured.gpu_roofs, context);
    profile.layers_sum_ns += layer.time_ns;
    if (!covered[i].nodes.empty()) attributed += layer.time_ns;
  }
  profile.attributed_share = profile.layers_sum_ns > 0 ? attributed / profile.layers_sum_ns : 0;
  profile.modules = module_tree(profile.layers);
  if (!measured.gpu_roofs_error.empty()) {
    profile.notes.push_back({measure::QualityCode::kRoofMissing, measured.gpu_roofs_error});
  }
  if (!measured.activity_error.empty()) {
    profile.notes.push_back({measure::QualityCode::kActivityMissing, measured.activity_error});
  }
  if (!measured.counters_error.empty()) {
    profile.notes.push_back({measure::QualityCode::kCountersMissing, measured.counters_error});
  }
  if (measured.averaged_runs > 0) {
    profile.notes.push_back({measure::QualityCode::kLayersAveraged,
                             fmt::format("means over {} runs", measured.averaged_runs)});
  }
  const double explained = explained_ns(profile);
  if (std::abs(explained - profile.total_ns) > kSumTolerance * profile.total_ns) {
    profile.notes.push_back({measure::QualityCode::kLayerSumMismatch,
                             fmt::format("layers add up to {:.2f} ms, end to end takes {:.2f} ms",
                                         explained / 1e6, profile.total_ns / 1e6)});
  }
  return profile;
}

Json to_json(const Profile& profile) {
  const double total = profile.total_ns > 0 ? profile.total_ns : 1;
  Json layers = Json::array();
  for (size_t i = 0; i < profile.layers.size(); ++i) {
    const Layer& layer = profile.layers[i];
    Json json = Json::object();
    json["id"] = i;
    json["name"] = layer.name;
    json["op"] = layer.op;
    json["module"] = layer.module;
    json["origins"] = Json::array_of(layer.origins);
    json["time_ns"] = layer.time_ns;
    json["low_ns"] = layer.low_ns ? Json(*layer.low_ns) : Json();
    json["high_ns"] = layer.high_ns ? Json(*layer.high_ns) : Json();
    if (layer.again_ns) json["again_ns"] = *layer.again_ns;
    if (layer.alone_ns) json["alone_ns"] = *layer.alone_ns;
    if (layer.kernel_ns) json["kernel_ns"] = *layer.kernel_ns;
    if (layer.gap_ns) json["gap_ns"] = *layer.gap_ns;
    if (layer.waves) {
      json["waves"] = *layer.waves;
      json["idle_share"] = idle_share(*layer.waves);
    }
    if (layer.counters) json["counters"] = cuda::to_json(*layer.counters);
    json["share"] = layer.time_ns / total;
    json["flops"] = layer.flops;
    json["bytes"] = layer.bytes;
    json["intensity"] = layer.bytes > 0 ? Json(layer.flops / layer.bytes) : Json();
    json["achieved_flops"] = layer.time_ns > 0 ? Json(layer.flops / layer.time_ns * 1e9) : Json();
    json["bound"] = name(layer.bound);
    json["evidence"] = layer.evidence;
    if (profile.clock_probe && i < profile.clock_probe->layers.size())
      json["clock_shares"] = to_json(profile.clock_probe->layers[i]);
    layers.push_back(std::move(json));
  }
  Json modules = Json::array();
  for (const Module& module : profile.modules) {
    Json json = Json::object();
    json["path"] = module.path;
    json["parent"] = module.parent;
    json["time_ns"] = module.time_ns;
    json["share"] = module.time_ns / total;
    json["flops"] = module.flops;
    json["bytes"] = module.bytes;
    modules.push_back(std::move(json));
  }
  Json json = Json::object();
  json["total_ns"] = profile.total_ns;
  json["layers_sum_ns"] = profile.layers_sum_ns;
  if (profile.start_ns) json["start_ns"] = *profile.start_ns;
  json["overhead_ns"] = profile.total_ns - explained_ns(profile);
  json["attributed_share"] = profile.attributed_share;
  if (profile.gpu_roofs) json["gpu_roofs"] = cuda::to_json(*profile.gpu_roofs);
  if (profile.clock_probe) json["clock_probe"] = to_json(*profile.clock_probe);
  json["layers"] = std::move(layers);
  json["modules"] = std::move(modules);
  return json;
}

}  // namespace nitro::profile
