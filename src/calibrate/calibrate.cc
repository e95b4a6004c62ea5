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
    passes::ValueRecord& record = calibration.values[names[id]];
    TRY(add_ranges(record, tensor));
    if (record.moments) add_moments(*record.moments, tensor);
    return {};
  };
  const size_t seen = TRY(observe(graph, values, scenes, runner, options.observe, take));
  calibration.scenes = static_cast<int64_t>(seen);
  return calibration;
}

}  // namespace nitro::calibrate
