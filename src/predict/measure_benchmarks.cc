#include "predict/measure_benchmarks.h"

#include <algorithm>

#include "measure/median.h"
#include "onnx/export_model.h"
#include "plan/wide_values.h"

namespace nitro::predict {
namespace {

/// Short, because there are many: a benchmark takes a second or less once it is loaded.
constexpr runner::TimeRules kRules{.warmup_ns = 100'000'000,
                                   .max_warmup_ns = 1'500'000'000,
                                   .min_samples = 10,
                                   .min_ns = 150'000'000,
                                   .max_ns = 3'000'000'000,
                                   .half_width = 0.01};

runner::NamedTensors random_inputs(const Graph& graph) {
  runner::NamedTensors inputs;
  const std::vector<Tensor> sample = plan::random_sample(graph);
  for (size_t i = 0; i < sample.size(); ++i)
    inputs[graph.value(graph.inputs()[i]).name] = sample[i];
  return inputs;
}

Result<double> median_ns(runner::Runner& runner, const Graph& graph,
                         const runner::LoadOptions& load) {
  const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-benchmark"));
  const std::filesystem::path file = scratch.path() / "benchmark.onnx";
  TRY(onnx::write_model(graph, file));
  const runner::LoadedModel model = TRY(runner.load(file, load));
  const runner::Call call{model.handle, TRY(runner.stage(random_inputs(graph)))};
  const runner::TimeReply reply = TRY(runner.time({{call}}, kRules));
  TRY(runner.unload(model.handle));
  if (reply.stopped_by == "interrupted") return fail(ErrorCode::kInterrupted, "interrupted");
  const std::vector<int64_t>& samples = reply.variants[0].samples_ns;
  return measure::median(std::vector<double>(samples.begin(), samples.end()));
}

/// Whether the model, or what it needs, is to blame: the next one may work.
bool concerns_the_model(const Error& error) {
  return error.code == ErrorCode::kOutOfMemory || exit_code(error.code) == 3;
}

bool has_precision(std::string_view runner) {
  const auto rows = runner::registered_runners();
  const auto row = std::ranges::find(rows, runner, &runner::RegisteredRunner::name);
  return row != rows.end() && row->has_precision;
}

std::vector<Layer> layers_of(const Prediction& prediction) {
  std::vector<Layer> layers;
  for (const PredictedLayer& layer : prediction.layers) layers.push_back(layer.layer);
  return layers;
}

Result<void> measure_in(Precision precision, const std::vector<Benchmark>& list,
                        PredictOptions options, const BenchmarkSetup& setup,
                        MeasuredBenchmarks& measured) {
  options.precision = precision;
  runner::StartOptions start = setup.start;
  if (has_precision(setup.runner)) start.precision = precision == Precision::kFp16 ? "f16" : "f32";
  runner::Runner runner = TRY(runner::start_runner(setup.runner, start));
  for (size_t i = 0; i < list.size(); ++i) {
    setup.phase(fmt::format("measuring {} of {} in {}: {}", i + 1, list.size(), name(precision),
                            list[i].name));
    const Graph graph = TRY(list[i].make());
    const Result<double> ns = median_ns(runner, graph, setup.load);
    if (!ns && !concerns_the_model(ns.error())) return std::unexpected(ns.error());
    if (!ns) {
      measured.left_out.push_back(
          fmt::format("{} in {}: {}", list[i].name, name(precision), ns.error().text()));
      continue;
    }
    MeasuredNet net{list[i].name, list[i].family, options.device, precision, *ns};
    net.layers = layers_of(TRY(predict(graph, options)));
    measured.nets.push_back(std::move(net));
  }
  return runner.bye();
}

}  // namespace

Result<MeasuredBenchmarks> measure_benchmarks(const std::vector<Benchmark>& list,
                                              const Device& device, const Runtime& runtime,
                                              const BenchmarkSetup& setup) {
  const PredictOptions options{device, runtime};
  MeasuredBenchmarks measured;
  std::vector<Benchmark> single = list;
  if (has_precision(setup.runner)) {
    TRY(measure_in(Precision::kFp16, list, options, setup, measured));
    if (device.has_tensor_cores()) return measured;
    std::erase_if(single, [](const Benchmark& benchmark) { return !benchmark.single; });
  }
  TRY(measure_in(Precision::kFp32, single, options, setup, measured));
  return measured;
}

}  // namespace nitro::predict
