#include "predict/prediction.h"

#include <algorithm>
#include <cmath>

#include "ir/common_module.h"
#include "passes/pass.h"
#include "predict/live_bytes.h"
#include "predict/prediction_error.h"

namespace nitro::predict {
namespace {

/// Of kinds in which hardly any measured network spends its time: what a prediction of them alone
/// is assumed to be off by, as a standard deviation of its logarithm.
constexpr double kUnseenSpread = 0.6;

bool is_unseen(Family family) {
  return family == Family::kProduct || family == Family::kSoftmax || family == Family::kReduce;
}

/// That of networks like those measured, and more for the share of time in kinds that are not.
double spread_of(const Prediction& prediction, const Runtime& runtime) {
  double unseen_ns = 0;
  for (const PredictedLayer& layer : prediction.layers) {
    if (is_unseen(layer.layer.family)) unseen_ns += layer.total_ns();
  }
  return std::hypot(runtime.spread, kUnseenSpread * unseen_ns / prediction.total_ns);
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

std::string module_of(const Graph& prepared, const Layer& layer) {
  std::vector<OriginId> origins;
  for (NodeId id : layer.nodes) {
    const Node& node = prepared.node(id);
    origins.insert(origins.end(), node.origins.begin(), node.origins.end());
  }
  return common_module(origins, prepared.origins());
}

bool is_inside(std::string_view module, std::string_view outer) {
  return module.starts_with(outer) &&
         (module.size() == outer.size() || outer.empty() || module[outer.size()] == '.');
}

Result<Graph> prepared_for_tensorrt(Graph graph) {
  for (std::string_view name : {"fold-constants", "remove-identities", "fold-batch-norm",
                                "split-fused-ops", "fold-constants", "eliminate-dead-code"}) {
    const passes::Pass* pass = TRY(passes::find_pass(name));
    TRY(pass->run(graph, {}));
  }
  return graph;
}

Result<Prediction> predict(const Graph& graph, const PredictOptions& options, Graph& prepared) {
  prepared = TRY(prepared_for_tensorrt(graph));
  Prediction prediction;
  std::vector<LayerTime> times;
  const double element_bytes = options.precision == Precision::kFp32 ? 4 : 2;
  for (Layer& layer : tensorrt_layers(prepared)) {
    times.push_back(layer_time(layer, options.device, options.runtime.rates, options.precision));
    prediction.weight_bytes += layer.weights * element_bytes;
    prediction.layers.push_back({std::move(layer), times.back()});
  }
  std::vector<double> waits;
  prediction.total_ns = frame_ns(times, &waits);
  for (size_t i = 0; i < waits.size(); ++i) prediction.layers[i].wait_ns = waits[i];
  const double factor = std::exp(kNinetyPercent * spread_of(prediction, options.runtime));
  prediction.low_ns = prediction.total_ns / factor;
  prediction.high_ns = prediction.total_ns * factor;
  prediction.activation_bytes = most_live_elements(prepared) * element_bytes;
  return prediction;
}

}  // namespace nitro::predict
