#include "predict/measured_net.h"

#include "base/text.h"
#include "predict/csv_file.h"
#include "predict/layer_files.h"
#include "predict/nas_bench_201.h"
#include "predict/prediction.h"

namespace nitro::predict {
namespace {

Result<Precision> precision_of(const CsvRow& row) {
  const Result<std::string> text = row.text("precision");
  if (!text) return std::unexpected(text.error());
  if (*text == "FP16") return Precision::kFp16;
  if (*text == "FP32") return Precision::kFp32;
  return fail(ErrorCode::kBadFile, "there is no precision '{}'", display(*text, 20));
}

}  // namespace

Result<std::vector<MeasuredNet>> read_latencies(const std::filesystem::path& folder) {
  const std::map<std::string, std::vector<Layer>> layers = TRY(read_nets(folder));
  std::vector<MeasuredNet> nets;
  const std::vector<CsvRow> rows = TRY(read_csv(folder / "latencies.csv"));
  for (const CsvRow& row : rows) {
    if (TRY(row.text("used")) != "yes") continue;
    MeasuredNet net;
    net.name = TRY(row.text("net"));
    net.family = TRY(row.text("family"));
    net.device = TRY(find_device(TRY(row.text("device"))));
    net.precision = TRY(precision_of(row));
    net.measured_ns = TRY(row.number("ms")) * 1e6;
    const auto found = layers.find(net.name);
    if (found == layers.end())
      return fail(ErrorCode::kBadFile, "nets.csv lacks '{}' of latencies.csv", net.name);
    net.layers = found->second;
    nets.push_back(std::move(net));
  }
  return nets;
}

Result<std::vector<MeasuredNet>> read_nas_bench_201(const std::filesystem::path& file,
                                                    size_t step) {
  const Device nano = TRY(find_device("jetson-nano"));
  std::vector<MeasuredNet> nets;
  const std::vector<CsvRow> rows = TRY(read_csv(file));
  for (size_t i = 0; i < rows.size(); i += step) {
    MeasuredNet net;
    net.name = TRY(rows[i].text("arch_vector"));
    net.family = "nas-bench-201";
    net.device = nano;
    net.measured_ns = TRY(rows[i].number("fast_fp16_ms")) * 1e6;
    net.has_extra = true;
    const Graph graph = TRY(prepared_for_tensorrt(TRY(nas_bench_201(net.name))));
    net.layers = tensorrt_layers(graph, Fusion::kTensorrt6);
    nets.push_back(std::move(net));
  }
  return nets;
}

Result<std::vector<MeasuredNet>> read_tx1_layers(const std::filesystem::path& folder) {
  const std::vector<Layer> layers = TRY(read_layers(folder));
  Device tx1 = TRY(find_device("jetson-tx1"));
  tx1.host_slowdown = 0;
  std::vector<MeasuredNet> nets;
  const std::vector<CsvRow> rows = TRY(read_csv(folder / "tx1_layers.csv"));
  for (const CsvRow& row : rows) {
    MeasuredNet net;
    net.name = TRY(row.text("layer"));
    net.family = TRY(row.text("net"));
    net.device = tx1;
    net.precision = TRY(precision_of(row));
    net.measured_ns = TRY(row.number("ms")) * 1e6;
    const int64_t id = TRY(row.integer("id"));
    if (id < 0 || static_cast<size_t>(id) >= layers.size())
      return fail(ErrorCode::kBadFile, "tx1_layers.csv: there is no layer {}", id);
    net.layers = {layers[static_cast<size_t>(id)]};
    nets.push_back(std::move(net));
  }
  return nets;
}

}  // namespace nitro::predict
