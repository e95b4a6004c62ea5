#include "predict/prediction.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "cuda/specialise.h"
#include "ir/common_module.h"
#include "measure/normal_quantiles.h"
#include "passes/pass.h"
#include "plan/basic_ops.h"
#include "plan/fuse_scores.h"
#include "plan/lower.h"
#include "plan/prepare.h"
#include "predict/live_bytes.h"
#include "predict/plan_layers.h"

namespace nitro::predict {
namespace {

/// What a prediction of rare kinds alone is assumed to be off by, as a standard deviation of its
/// logarithm.
constexpr double kRareSpread = 0.6;

/// On a device that no rate was fitted to, as a standard deviation of the logarithm. Published
/// latencies of ResNets, VGG-16, Inception-v4 and YOLOv4 on the TX2 are 4 to 51 % more than
/// predicted.
constexpr double kOtherDeviceSpread = 0.35;

bool is_rare(const Runtime& runtime, Family family) {
  return std::ranges::find(runtime.rare, family) != runtime.rare.end();
}

/// That of networks like those measured, and more for the share of time in rare kinds, and on other
/// devices.
double spread_of(const Prediction& prediction, const PredictOptions& options) {
  if (!(prediction.total_ns > 0)) return options.runtime.spread;
  double rare_ns = 0;
  for (const PredictedLayer& layer : prediction.layers) {
    if (is_rare(options.runtime, layer.layer.family)) rare_ns += layer.total_ns();
  }
  return std::hypot(options.runtime.spread, kRareSpread * rare_ns / prediction.total_ns,
                    is_fitted_to(options.runtime, options.device) ? 0 : kOtherDeviceSpread);
}

/// Of each constant that is read once, floats in the precision there.
double constant_bytes(const Graph& graph, Precision precision) {
  const std::vector<uint32_t> uses = use_counts(graph);
  double bytes = 0;
  for (ValueId id = 0; id < graph.values().size(); ++id) {
    if (uses[id] == 0 || !graph.constant(id)) continue;
    const TensorType& type = graph.type(id);
    bytes += is_float(type.dtype) ? static_cast<double>(type.elements()) * element_bytes(precision)
                                  : static_cast<double>(type.bytes());
  }
  return bytes;
}

/// Names of nodes whose work is not known, with their ops.
std::vector<std::string> unknown_ops(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes()) {
    if (!std::holds_alternative<Opaque>(node.op)) continue;
    const std::string origin =
        node.origins.empty() ? std::string() : graph.origins()[node.origins[0]].node;
    names.push_back(display_name(node.op) + (origin.empty() ? "" : " '" + origin + "'"));
  }
  return names;
}

plan::Precision plan_precision(Precision precision) {
  return precision == Precision::kFp32 ? plan::Precision::kF32 : plan::Precision::kF16;
}

/// The steps that Nitro's engine executes on the device.
Result<plan::Plan> own_plan(const Graph& graph, const PredictOptions& options) {
  const Graph prepared = TRY(plan::prepare(graph));
  plan::Plan lowered = TRY(plan::lower(prepared, {plan_precision(options.precision)}));
  int64_t capability = 0;
  const std::string& arch = options.device.arch;
  if (!arch.starts_with("sm_") || !parse_integer(arch.substr(3), capability)) return lowered;
  cuda::Target target = cuda::target_of(static_cast<int>(capability));
  target.multiprocessors = options.device.multiprocessors;
  return cuda::specialise(std::move(lowered), target);
}

}  // namespace

std::string_view name(Limit limit) {
  switch (limit) {
    case Limit::kCompute:
      return "compute";
    case Limit::kMemory:
      return "memory";
    case Limit::kLaunch:
      return "launch";
  }
  return "";
}

Limit PredictedLayer::limit() const {
  const double launch = time.fixed_ns + wait_ns;
  if (launch >= std::max(time.arithmetic_ns, time.memory_ns)) return Limit::kLaunch;
  return time.arithmetic_ns >= time.memory_ns ? Limit::kCompute : Limit::kMemory;
}

std::string module_of(const Prediction& prediction, const Layer& layer) {
  return common_module(layer.origins, prediction.origins);
}

bool is_inside(std::string_view module, std::string_view outer) {
  return module.starts_with(outer) &&
         (module.size() == outer.size() || outer.empty() || module[outer.size()] == '.');
}

Result<Graph> prepared_for_tensorrt(Graph graph, Fusion fusion) {
  TRY(passes::run_passes(graph, {"fold-constants", "remove-identities", "fold-batch-norm"}));
  if (fusion == Fusion::kTensorrt10) {
    TRY(plan::use_basic_ops(graph));
    TRY(passes::run_passes(graph, {"fuse-layer-norm", "fuse-gelu", "fold-attention-scale"}));
    TRY(plan::fuse_scores(graph));
  } else {
    TRY(passes::run_passes(graph, {"split-fused-ops"}));
  }
  TRY(passes::run_passes(graph, {"fold-constants", "eliminate-dead-code"}));
  return graph;
}

Result<Prediction> predict(const Graph& graph, const PredictOptions& options) {
  Prediction prediction;
  std::vector<Layer> layers;
  if (options.runtime.own_plan) {
    plan::Plan lowered = TRY(own_plan(graph, options));
    layers = plan_layers(lowered);
    prediction.origins = std::move(lowered.origins);
    prediction.activation_bytes = static_cast<double>(lowered.arena_bytes);
    prediction.weight_bytes = static_cast<double>(lowered.constant_bytes);
  } else {
    const Fusion fusion = options.runtime.fusion;
    const Graph prepared = TRY(prepared_for_tensorrt(graph, fusion));
    layers = tensorrt_layers(prepared, fusion);
    prediction.origins = prepared.origins();
    prediction.activation_bytes = most_live_elements(prepared) * element_bytes(options.precision);
    prediction.weight_bytes = constant_bytes(prepared, options.precision);
    prediction.unknown = unknown_ops(prepared);
  }
  const std::vector<LayerTime> times =
      layer_times(layers, options.device, options.runtime.rates, options.precision);
  for (size_t i = 0; i < layers.size(); ++i)
    prediction.layers.push_back({std::move(layers[i]), times[i]});
  std::vector<double> waits;
  prediction.total_ns = frame_ns(times, &waits);
  for (size_t i = 0; i < waits.size(); ++i) prediction.layers[i].wait_ns = waits[i];
  const double factor = std::exp(measure::kQuantile95 * spread_of(prediction, options));
  prediction.low_ns = prediction.total_ns / factor;
  prediction.high_ns = prediction.total_ns * factor;
  return prediction;
}

}  // namespace nitro::predict
