#pragma once

#include "predict/layer_time.h"

namespace nitro::predict {

/// The largest share of a layer's time decides.
enum class Limit : uint8_t { kCompute, kMemory, kLaunch };
std::string_view name(Limit limit);

struct PredictedLayer {
  Layer layer = {};
  LayerTime time = {};
  double wait_ns = 0;  // of the device for the host
  double total_ns() const { return time.total_ns + wait_ns; }
  Limit limit() const;
};

/// A frame on a device that is not here. Every number in it is predicted.
struct Prediction {
  std::vector<PredictedLayer> layers = {};
  std::vector<Origin> origins = {};  // that the layers name
  double total_ns = 0;
  double low_ns = 0;  // 9 of 10 networks are expected between both
  double high_ns = 0;
  /// Ops that Nitro does not know: they count as nothing but their traffic.
  std::vector<std::string> unknown = {};
  double weight_bytes = 0;
  double activation_bytes = 0;  // the most that is alive at once
};

struct PredictOptions {
  Device device = {};
  Runtime runtime = {};
  Precision precision = Precision::kFp16;
};

/// Of a graph as imported.
Result<Prediction> predict(const Graph& graph, const PredictOptions& options);

/// The innermost module that holds all of `layer`; "" where there is none.
std::string module_of(const Prediction& prediction, const Layer& layer);
/// Whether `module` is `outer` or inside of it.
bool is_inside(std::string_view module, std::string_view outer);

/// As TensorRT sees a graph: constants and batch normalisations folded, fused ops as ops that it
/// has; for kTensorrt10 normalisations, activations and attentions as one op each.
Result<Graph> prepared_for_tensorrt(Graph graph, Fusion fusion = Fusion::kTensorrt8);

}  // namespace nitro::predict
