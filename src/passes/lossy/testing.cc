#include "passes/lossy/testing.h"

#include "onnx/export_model.h"
#include "passes/lossy/linear_inputs.h"
#include "passes/lossy/points.h"

namespace nitro::passes {
namespace {

void add(ValueRecord& record, const Tensor& tensor) {
  const std::vector<double> values = tensor.as<double>();
  const auto width = static_cast<size_t>(tensor.shape().back());
  record.type = tensor.type();
  record.channel_max.resize(width);
  if (!record.moments) record.moments = Moments{0, {}, {}};
  Moments& moments = *record.moments;
  moments.sums.resize(width);
  moments.products.resize(width * width);
  for (size_t row = 0; row < values.size(); row += width, ++moments.rows) {
    for (size_t i = 0; i < width; ++i) {
      moments.sums[i] += values[row + i];
      for (size_t j = 0; j < width; ++j)
        moments.products[i * width + j] += values[row + i] * values[row + j];
    }
  }
}

}  // namespace

TestCalibration::TestCalibration(const Graph& graph, int calls)
    : folder_(ScratchFolder::create("nitro-lossy-test").value()) {
  calibration_.graph = graph_fingerprint(graph);
  calibration_.source = "a test";
  calibration_.scenes = calls;
  calibration_.modalities = {"rgb"};
  Graph watched = graph;
  std::vector<ValueId> values = linear_inputs(graph);
  std::ranges::copy(add_branch_values(watched).value(), std::back_inserter(values));
  const std::vector<std::string> names = onnx::exported_names(watched);
  watched.set_outputs(values);
  for (int call = 0; call < calls; ++call) {
    const auto results =
        reference::execute(watched, random_inputs(graph, 100 + static_cast<uint64_t>(call)));
    EXPECT_TRUE(results.has_value()) << results.error().text();
    for (size_t i = 0; i < values.size(); ++i)
      add(calibration_.values[names[values[i]]], results.value()[i]);
  }
}

Parameters TestCalibration::parameters(Parameters others) const {
  const std::filesystem::path file = folder_.path() / "calibration.json";
  EXPECT_TRUE(write_file_atomic(file, to_json(calibration_).dump()).has_value());
  others["calibration"] = file.string();
  return others;
}

Graph expect_lossy(Run run, const Graph& before, const Parameters& parameters) {
  Graph after = before;
  const auto changed = run(after, parameters);
  if (!changed) {
    ADD_FAILURE() << changed.error().text();
    return after;
  }
  EXPECT_TRUE(*changed);
  const auto valid = verify(after);
  EXPECT_TRUE(valid.has_value()) << valid.error().text();
  EXPECT_EQ(before.inputs().size(), after.inputs().size());
  EXPECT_EQ(before.outputs().size(), after.outputs().size());
  return after;
}

std::string error_of(Run run, const Graph& graph, const Parameters& parameters) {
  Graph after = graph;
  const auto changed = run(after, parameters);
  EXPECT_TRUE(equal(graph, after));
  if (changed) return "no error";
  return changed.error().text();
}

}  // namespace nitro::passes
