#include "calibrate/calibrate.h"

#include "calibrate/statistics.h"
#include "onnx/export_model.h"

namespace nitro::calibrate {

Result<passes::Calibration> calibrate(const Graph& graph, const std::vector<ValueId>& values,
                                      const Scenes& scenes, runner::Runner& runner,
                                      const CalibrateOptions& options) {
  const std::vector<std::string> names = onnx::exported_names(graph);
  passes::Calibration calibration{.graph = passes::graph_fingerprint(graph),
                                  .source = {},
                                  .modalities = scenes.data.modalities,
                                  .values = {}};
  for (ValueId id : values) {
    passes::ValueRecord& record = calibration.values[names[id]];
    record.type = graph.type(id);
    if (options.moments) record.moments.emplace();
  }
  const auto take = [&](ValueId id, const Tensor& tensor) -> Result<void> {
    if (id == options.extremes.value) {
      const std::vector<double> pairs = tensor.as<double>();
      for (size_t i = 0; i < options.extremes.of.size(); ++i)
        add_extremes(calibration.extremes[names[options.extremes.of[i]]], pairs[2 * i],
                     pairs[2 * i + 1]);
      return {};
    }
    passes::ValueRecord& record = calibration.values[names[id]];
    TRY(add_ranges(record, tensor));
    if (record.moments) add_moments(*record.moments, tensor);
    return {};
  };
  std::vector<ValueId> observed = values;
  if (options.extremes.value != kNoValue) observed.push_back(options.extremes.value);
  const size_t seen = TRY(observe(graph, observed, scenes, runner, options.observe, take));
  calibration.scenes = static_cast<int64_t>(seen);
  return calibration;
}

}  // namespace nitro::calibrate
