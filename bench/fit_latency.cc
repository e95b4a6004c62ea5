// Fits the rates of TensorRT to published latencies, and says how well networks are predicted whose
// family was held out.
//
//   nitro_fit_latency layers NETS PUBLISHED [TX1.csv]
//       writes layers.csv and nets.csv of the ONNX files in NETS, and tx1_layers.csv
//   nitro_fit_latency fit PUBLISHED RUNTIME.toml
//       prints the errors and writes the runtime
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "predict/csv_file.h"
#include "predict/fit_rates.h"
#include "predict/layer_files.h"
#include "predict/prediction.h"
#include "predict/prediction_error.h"
#include "zoo/open_model.h"

namespace {

using namespace nitro;
using namespace nitro::predict;

/// Less than the launch of a kernel.
constexpr double kNothingMs = 0.002;

/// Of the cells of NAS-Bench-201, those that count in the fit; errors are told of all.
constexpr size_t kCellStep = 4;

/// The layers of a network with the names of the ONNX nodes in each.
struct NamedLayers {
  std::vector<Layer> layers;
  std::vector<std::string> nodes;  // "/conv1/Conv /relu1/Relu "
};

Result<NamedLayers> layers_of(const std::filesystem::path& file) {
  const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-fit"));
  const zoo::OpenedModel opened = TRY(zoo::open_model(file.string(), scratch.path()));
  const Graph graph = TRY(prepared_for_tensorrt(opened.model.graph));
  NamedLayers result{tensorrt_layers(graph), {}};
  for (const Layer& layer : result.layers) {
    std::string& names = result.nodes.emplace_back();
    for (OriginId origin : layer.origins) names += graph.origins()[origin].node + " ";
  }
  return result;
}

/// Rows of measured layers: "inception_3a/3x3_reduce +
/// inception_3a/relu_3x3_reduce||inception_3a/…" is the layer that has the nodes of its first name.
Result<std::string> tx1_rows(const std::vector<CsvRow>& rows,
                             const std::map<std::string, NamedLayers>& nets, LayerTable& table) {
  const std::map<std::string, std::string> names = {
      {"bvlc-alexnet", "caffe_alexnet"},
      {"bvlc-googlenet", "caffe_googlenet"},
      {"deepscale-squeezenet-1.0", "caffe_squeezenet1_0"}};
  std::string csv = "net,precision,layer,id,ms\n";
  for (const CsvRow& row : rows) {
    if (TRY(row.text("runtime")) != "TensorRT 1.0") continue;
    const auto net_name = names.find(TRY(row.text("model")));
    const std::string batch = TRY(row.text("batch"));
    if (net_name == names.end()) continue;
    const auto net = nets.find(net_name->second + "@b" + batch);
    if (net == nets.end()) continue;
    const std::string label = TRY(row.text("layer"));
    const std::string all = label.substr(label.find(": ") + 2);
    const std::string first = "/" + all.substr(0, all.find_first_of(" |")) + "/";
    const double ms = TRY(row.number("mean_ms"));
    if (ms < kNothingMs) continue;  // a concatenation in place
    for (size_t i = 0; i < net->second.layers.size(); ++i) {
      if (!net->second.nodes[i].starts_with(first)) continue;
      csv += fmt::format("{},{},{},{},{}\n", net_name->second, TRY(row.text("precision")),
                         first.substr(1, first.size() - 2) + "@b" + batch,
                         table.id_of(net->second.layers[i]), ms);
    }
  }
  return csv;
}

Result<void> write_layers(const std::filesystem::path& nets, const std::filesystem::path& out,
                          const std::filesystem::path& tx1) {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(nets)) {
    if (entry.path().extension() == ".onnx") files.insert(entry.path());
  }
  LayerTable table;
  std::map<std::string, NamedLayers> caffe;
  for (const auto& file : files) {
    const std::string name = file.stem().string();
    fmt::print(stderr, "{}\n", name);
    NamedLayers net = TRY(layers_of(file));
    if (name.starts_with("caffe_")) {
      caffe[name] = std::move(net);
    } else {
      table.add_net(name, net.layers);
    }
  }
  if (!tx1.empty()) {
    const std::vector<CsvRow> rows = TRY(read_csv(tx1));
    TRY(write_file_atomic(out / "tx1_layers.csv", TRY(tx1_rows(rows, caffe, table))));
  }
  TRY(write_file_atomic(out / "nets.csv", table.nets_csv()));
  return write_file_atomic(out / "layers.csv", table.layers_csv());
}

std::vector<double> measured(const std::vector<MeasuredNet>& nets) {
  std::vector<double> list;
  for (const MeasuredNet& net : nets) list.push_back(net.measured_ns);
  return list;
}

std::vector<double> predicted(const std::vector<MeasuredNet>& nets, const Device& device,
                              const Fit& fit) {
  std::vector<double> list;
  for (const MeasuredNet& net : nets) list.push_back(predicted_ns(net, device, fit));
  return list;
}

std::string summary(const PredictionError& error) {
  return fmt::format("median {:.1f} %, {:.1f} % of {} within 30 %, spread {:.3f}, Spearman {:.4f}",
                     100 * error.median, 100 * error.within_30, error.count, error.spread,
                     error.spearman);
}

/// The error of each family, the worst first.
void print_families(const std::vector<MeasuredNet>& nets, const std::vector<double>& held_out) {
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> families;
  for (size_t i = 0; i < nets.size(); ++i) {
    auto& [got, wanted] = families[nets[i].family];
    got.push_back(held_out[i]);
    wanted.push_back(nets[i].measured_ns);
  }
  std::vector<std::pair<double, std::string>> lines;
  for (const auto& [family, numbers] : families) {
    const PredictionError error = prediction_error(numbers.first, numbers.second);
    lines.emplace_back(
        error.median, fmt::format("family {:<13} {:3} in FP16, held out: median {:5.1f} %, {:5.1f} "
                                  "% within 30 %\n",
                                  family, error.count, 100 * error.median, 100 * error.within_30));
  }
  std::ranges::sort(lines, std::greater());
  for (const auto& [median, line] : lines) fmt::print("{}", line);
}

/// Latencies on the Nano, each family held out; returns the error of those in FP16.
PredictionError print_nano(const std::vector<MeasuredNet>& nets, const std::vector<double>& fitted,
                           const std::vector<double>& held_out) {
  std::vector<MeasuredNet> half;
  std::vector<double> got;
  for (size_t i = 0; i < nets.size(); ++i) {
    const MeasuredNet& net = nets[i];
    if (net.has_extra) continue;
    fmt::print("{:<12} {:<37} {} {:9.2f} ms  fitted {:+6.1f} %  held out {:+6.1f} %\n", net.family,
               net.name, name(net.precision), net.measured_ns / 1e6,
               100 * (fitted[i] / net.measured_ns - 1), 100 * (held_out[i] / net.measured_ns - 1));
    if (net.precision != Precision::kFp16) continue;
    half.push_back(net);
    got.push_back(held_out[i]);
  }
  print_families(half, got);
  const PredictionError error = prediction_error(got, measured(half));
  fmt::print(
      "FP16, families held out: {}; intervals of 90 %, made without the family, cover {:.1f} %\n",
      summary(error), 100 * coverage(half, got));
  return error;
}

Result<void> fit(const std::filesystem::path& published, const std::filesystem::path& file) {
  const Device nano = TRY(find_device("jetson-nano"));
  std::vector<MeasuredNet> nets = TRY(read_nano_latencies(published));
  const std::vector<MeasuredNet> cells = TRY(read_nas_bench_201(published / "nas_bench_201.csv"));
  for (size_t i = 0; i < cells.size(); i += kCellStep) nets.push_back(cells[i]);
  const Fit all = fit_rates(nets, nano);
  const PredictionError nano_error =
      print_nano(nets, predicted(nets, nano, all), cross_validated_ns(nets, nano));
  const Fit without = fit_rates(nets, nano, "nas-bench-201");
  for (const auto& [word, rates] : {std::pair("fitted", all), std::pair("held out", without)}) {
    const PredictionError error = prediction_error(predicted(cells, nano, rates), measured(cells));
    fmt::print("NAS-Bench-201, {}: {}\n", word, summary(error));
  }

  Device tx1 = TRY(find_device("jetson-tx1"));
  tx1.host_slowdown = 0;  // layers are timed on the device
  const std::vector<MeasuredNet> layers = TRY(read_tx1_layers(published));
  const PredictionError error = prediction_error(cross_validated_ns(layers, tx1), measured(layers));
  fmt::print("TX1, single layers of networks held out: {}\n", summary(error));

  const std::string source = fmt::format(
      "fitted by nitro_fit_latency to the measurements in src/predict/published; networks in FP16 "
      "on "
      "a Jetson Nano, their families held out: median error {:.1f} %, {:.1f} % of {} within 30 %",
      100 * nano_error.median, 100 * nano_error.within_30, nano_error.count);
  const Runtime runtime{"tensorrt-8", "TensorRT 8", all.rates, nano_error.spread, source};
  return write_file_atomic(file, to_toml(runtime));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  Result<void> done;
  if (verb == "layers" && (argc == 4 || argc == 5)) {
    done = write_layers(argv[2], argv[3], argc == 5 ? argv[4] : "");
  } else if (verb == "fit" && argc == 4) {
    done = fit(argv[2], argv[3]);
  } else {
    fmt::print(
        stderr,
        "usage: nitro_fit_latency layers NETS PUBLISHED [TX1.csv] | fit PUBLISHED RUNTIME.toml\n");
    return 2;
  }
  if (done) return 0;
  fmt::print(stderr, "{}\n", done.error().text());
  return exit_code(done.error().code);
}
