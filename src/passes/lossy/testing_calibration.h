#pragma once

#include <filesystem>

#include "base/file.h"
#include "onnx/export_model.h"
#include "passes/lossy/calibration.h"
#include "passes/testing.h"

namespace nitro::passes {

/// What `values` of `graph` are on the inputs that expect_equivalent() compares with.
inline Calibration calibration_of(const Graph& graph, const std::vector<ValueId>& values) {
  Graph watched = graph;
  watched.set_outputs(values);
  const auto tensors = reference::execute(watched, random_inputs(graph, 7)).value();
  const std::vector<std::string> names = onnx::exported_names(graph);
  Calibration calibration{graph_fingerprint(graph), "model.onnx", 1, {"rgb"}, {}};
  for (size_t i = 0; i < values.size(); ++i) {
    const std::vector<double> elements = tensors[i].as<double>();
    const auto width = static_cast<size_t>(tensors[i].shape().back());
    const auto [low, high] = std::ranges::minmax(elements);
    ValueRecord record{tensors[i].type(), low, high, std::vector<double>(width), {}, {}};
    record.histogram = {std::exp2(std::ceil(std::log2(std::max({-low, high, 1e-30})))),
                        std::vector<int64_t>(2048)};
    for (size_t k = 0; k < elements.size(); ++k) {
      double& most = record.channel_max[k % width];
      most = std::max(most, std::abs(elements[k]));
      const double place = (elements[k] / record.histogram.range + 1) * 1024;
      ++record.histogram.counts[static_cast<size_t>(std::clamp(place, 0.0, 2047.0))];
    }
    calibration.values.emplace(names[values[i]], std::move(record));
  }
  return calibration;
}

/// A calibration in a file that goes with this.
class CalibrationFile {
 public:
  explicit CalibrationFile(const Calibration& calibration)
      : CalibrationFile(to_json(calibration).dump()) {}
  explicit CalibrationFile(const std::string& content) {
    EXPECT_TRUE(write_file_atomic(path(), content));
  }
  std::string path() const { return folder_.path() / "calibration.json"; }

 private:
  ScratchFolder folder_ = ScratchFolder::create("nitro-calibration").value();
};

}  // namespace nitro::passes
