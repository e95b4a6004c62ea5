// Fits the rates of a runtime to published latencies, and says how well networks are predicted
// whose family was held out.
//
//   nitro_fit_latency layers NETS PUBLISHED RUNTIME.toml [TX1.csv]
//       writes layers.csv and nets.csv of the ONNX files in NETS that PUBLISHED/latencies.csv
//       names, as the runtime executes them, and tx1_layers.csv
//   nitro_fit_latency fit PUBLISHED RUNTIME.toml
//       prints the errors and writes the rates into the runtime
#include <fmt/ranges.h>

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

constexpr uint64_t kMostBytes = uint64_t{1} << 20;

/// Less than the launch of a kernel.
constexpr double kNothingMs = 0.002;

/// Of the cells of NAS-Bench-201, those that count in the fit; errors are told of all.
constexpr size_t kCellStep = 4;

/// The layers of a network with the names of the ONNX nodes in each.
struct NamedLayers {
  std::vector<Layer> layers;
  std::vector<std::string> nodes;  // "/conv1/Conv /relu1/Relu "
};

Result<NamedLayers> layers_of(const std::filesystem::path& file, Fusion fusion) {
  const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-fit"));
  const zoo::OpenedModel opened = TRY(zoo::open_model(file.string(), scratch.path()));
  const Graph graph = TRY(prepared_for_tensorrt(opened.model.graph, fusion));
  NamedLayers result{tensorrt_layers(graph, fusion), {}};
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

Result<Runtime> runtime_of(const std::filesystem::path& file) {
  return read_runtime(TRY(read_file(file, kMostBytes)), file.string());
}

/// The networks that latencies.csv names.
Result<std::set<std::string>> named_nets(const std::filesystem::path& published) {
  std::set<std::string> names;
  const std::vector<CsvRow> rows = TRY(read_csv(published / "latencies.csv"));
  for (const CsvRow& row : rows) names.insert(TRY(row.text("net")));
  return names;
}

Result<void> write_layers(const std::filesystem::path& nets, const std::filesystem::path& published,
                          const std::filesystem::path& runtime, const std::filesystem::path& tx1) {
  const Fusion fusion = TRY(runtime_of(runtime)).fusion;
  const std::set<std::string> names = TRY(named_nets(published));
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(nets)) {
    if (entry.path().extension() == ".onnx") files.insert(entry.path());
  }
  LayerTable table;
  std::map<std::string, NamedLayers> caffe;
  for (const auto& file : files) {
    const std::string name = file.stem().string();
    const bool is_caffe = !tx1.empty() && name.starts_with("caffe_");
    if (!is_caffe && !names.contains(name)) continue;
    fmt::print(stderr, "{}\n", name);
    NamedLayers net = TRY(layers_of(file, fusion));
    if (is_caffe) {
      caffe[name] = std::move(net);
    } else {
      table.add_net(name, net.layers);
    }
  }
  if (!tx1.empty()) {
    const std::vector<CsvRow> rows = TRY(read_csv(tx1));
    TRY(write_file_atomic(published / "tx1_layers.csv", TRY(tx1_rows(rows, caffe, table))));
  }
  TRY(write_file_atomic(published / "nets.csv", table.nets_csv()));
  return write_file_atomic(published / "layers.csv", table.layers_csv());
}

std::vector<double> measured(const std::vector<MeasuredNet>& nets) {
  std::vector<double> list;
  for (const MeasuredNet& net : nets) list.push_back(net.measured_ns);
  return list;
}

std::vector<double> predicted(const std::vector<MeasuredNet>& nets, const Fit& fit) {
  std::vector<double> list;
  for (const MeasuredNet& net : nets) list.push_back(predicted_ns(net, fit));
  return list;
}

std::string summary(const PredictionError& error) {
  return fmt::format("median {:.1f} %, {:.1f} % of {} within 30 %, spread {:.3f}, Spearman {:.4f}",
                     100 * error.median, 100 * error.within_30, error.count, error.spread,
                     error.spearman);
}

/// The error of each group of networks, the worst first.
template <class Group>
void print_groups(std::string_view word, const std::vector<MeasuredNet>& nets,
                  const std::vector<double>& held_out, const Group& group) {
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> groups;
  for (size_t i = 0; i < nets.size(); ++i) {
    auto& [got, wanted] = groups[group(nets[i])];
    got.push_back(held_out[i]);
    wanted.push_back(nets[i].measured_ns);
  }
  std::vector<std::pair<double, std::string>> lines;
  for (const auto& [name, numbers] : groups) {
    const PredictionError error = prediction_error(numbers.first, numbers.second);
    lines.emplace_back(
        error.median,
        fmt::format("{} {:<22} {:3} in FP16, held out: median {:5.1f} %, {:5.1f} % "
                    "within 30 %\n",
                    word, name, error.count, 100 * error.median, 100 * error.within_30));
  }
  std::ranges::sort(lines, std::greater());
  for (const auto& [median, line] : lines) fmt::print("{}", line);
}

/// Latencies of whole networks, each family held out; returns the error of those in FP16.
PredictionError print_nets(const std::vector<MeasuredNet>& nets, const std::vector<double>& fitted,
                           const std::vector<double>& held_out) {
  std::vector<MeasuredNet> half;
  std::vector<double> got;
  for (size_t i = 0; i < nets.size(); ++i) {
    const MeasuredNet& net = nets[i];
    if (net.has_extra) continue;
    fmt::print("{:<22} {:<37} {} {:9.2f} ms  fitted {:+6.1f} %  held out {:+6.1f} %\n",
               net.device.name, net.name, name(net.precision), net.measured_ns / 1e6,
               100 * (fitted[i] / net.measured_ns - 1), 100 * (held_out[i] / net.measured_ns - 1));
    if (net.precision != Precision::kFp16) continue;
    half.push_back(net);
    got.push_back(held_out[i]);
  }
  print_groups("family", half, got, [](const MeasuredNet& net) { return net.family; });
  print_groups("device", half, got, [](const MeasuredNet& net) { return net.device.name; });
  const PredictionError error = prediction_error(got, measured(half));
  fmt::print(
      "FP16, families held out: {}; intervals of 90 %, made without the family, cover {:.1f} %\n",
      summary(error), 100 * coverage(half, got));
  return error;
}

void print_cells(const std::vector<MeasuredNet>& nets, const std::vector<MeasuredNet>& cells,
                 const Fit& all) {
  const Fit without = fit_rates(nets, "nas-bench-201");
  for (const auto& [word, rates] : {std::pair("fitted", all), std::pair("held out", without)}) {
    const PredictionError error = prediction_error(predicted(cells, rates), measured(cells));
    fmt::print("NAS-Bench-201, {}: {}\n", word, summary(error));
  }
}

/// Kinds in which networks spend less of their time than this, on average, are rare.
constexpr double kRareShare = 0.02;

std::vector<Family> rare_kinds(const std::vector<MeasuredNet>& nets, const Fit& fit) {
  std::array<double, kFamilies> shares = {};
  for (const MeasuredNet& net : nets) {
    std::array<double, kFamilies> ns = {};
    double total = 0;
    for (const Layer& layer : net.layers) {
      const double time = layer_time(layer, net.device, fit.rates, net.precision).total_ns;
      ns[static_cast<size_t>(layer.family)] += time;
      total += time;
    }
    for (size_t i = 0; i < kFamilies; ++i)
      shares[i] += ns[i] / total / static_cast<double>(nets.size());
  }
  std::vector<Family> rare;
  for (size_t i = 0; i < kFamilies; ++i) {
    if (shares[i] < kRareShare) rare.push_back(static_cast<Family>(i));
    fmt::print("{:<12} {:5.1f} % of the time of all networks\n", kFamilyNames[i], 100 * shares[i]);
  }
  return rare;
}

/// "jetson-nano, jetson-tx1": where `nets` were measured.
std::vector<std::string> devices_of(const std::vector<MeasuredNet>& nets) {
  std::set<std::string> names;
  for (const MeasuredNet& net : nets) names.insert(net.device.name);
  return {names.begin(), names.end()};
}

Result<void> fit(const std::filesystem::path& published, const std::filesystem::path& file) {
  Runtime runtime = TRY(runtime_of(file));
  std::vector<MeasuredNet> nets = TRY(read_latencies(published));
  const std::vector<MeasuredNet> networks = nets;
  const std::vector<std::string> devices = devices_of(nets);
  std::vector<MeasuredNet> cells;
  if (std::filesystem::exists(published / "nas_bench_201.csv"))
    cells = TRY(read_nas_bench_201(published / "nas_bench_201.csv"));
  for (size_t i = 0; i < cells.size(); i += kCellStep) nets.push_back(cells[i]);
  const Fit all = fit_rates(nets);
  const PredictionError error = print_nets(nets, predicted(nets, all), cross_validated_ns(nets));
  if (!cells.empty()) print_cells(nets, cells, all);
  if (std::filesystem::exists(published / "tx1_layers.csv")) {
    const std::vector<MeasuredNet> layers = TRY(read_tx1_layers(published));
    const PredictionError of_layers =
        prediction_error(cross_validated_ns(layers), measured(layers));
    fmt::print("TX1, single layers of networks held out: {}\n", summary(of_layers));
  }
  runtime.rates = all.rates;
  runtime.rare = rare_kinds(networks, all);
  runtime.spread = error.spread;
  runtime.source = fmt::format(
      "fitted by nitro_fit_latency to published measurements; networks in FP16 on {}, their "
      "families held out: median error {:.1f} %, {:.1f} % of {} within 30 %",
      fmt::join(devices, ", "), 100 * error.median, 100 * error.within_30, error.count);
  return write_file_atomic(file, to_toml(runtime));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  Result<void> done;
  if (verb == "layers" && (argc == 5 || argc == 6)) {
    done = write_layers(argv[2], argv[3], argv[4], argc == 6 ? argv[5] : "");
  } else if (verb == "fit" && argc == 4) {
    done = fit(argv[2], argv[3]);
  } else {
    fmt::print(
        stderr,
        "usage: nitro_fit_latency layers NETS PUBLISHED RUNTIME.toml [TX1.csv] | fit PUBLISHED "
        "RUNTIME.toml\n");
    return 2;
  }
  if (done) return 0;
  fmt::print(stderr, "{}\n", done.error().text());
  return exit_code(done.error().code);
}
