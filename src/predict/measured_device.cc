#include "predict/measured_device.h"

#include <algorithm>

#include "base/file.h"
#include "onnx/export_model.h"
#include "plan/wide_values.h"
#include "predict/benchmark_builder.h"

namespace nitro::predict {
namespace {

Result<Graph> tiny_model() {
  BenchmarkBuilder builder;
  return builder.finish({TRY(builder.linear(builder.input({1, 32, 32}), 32))});
}

/// The highest clock in the board's power mode, or else of the GPU.
double highest_mhz(const Json& environment) {
  const double board = environment.at("board").at("gpu_mhz").at("most").as_number(0);
  return board > 0 ? board : environment.at("highest_gpu_mhz").as_number(0);
}

}  // namespace

Result<RunnerDescription> describe_runner(const BenchmarkSetup& setup) {
  runner::Runner runner = TRY(runner::start_runner(setup.runner, setup.start));
  RunnerDescription description{runner.info()};
  if (runner.info().can("profile")) {
    const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-describe"));
    const Graph graph = TRY(tiny_model());
    TRY(onnx::write_model(graph, scratch.path() / "tiny.onnx"));
    const runner::LoadedModel model = TRY(runner.load(scratch.path() / "tiny.onnx", setup.load));
    const runner::Call call{model.handle,
                            TRY(runner.stage({{"x0", plan::random_sample(graph)[0]}}))};
    description.roofs = TRY(runner.profile(call, 1)).gpu_roofs;
  }
  TRY(runner.bye());
  return description;
}

std::string device_title(const Json& environment) {
  const Json& board = environment.at("board");
  const std::string model = board.at("model").as_string();
  if (model.empty()) return environment.at("device").as_string();
  const std::string mode = board.contains("power_mode")
                               ? fmt::format(", power mode {}", board.at("power_mode").as_integer())
                               : "";
  return model + mode;
}

Result<Device> measured_device(const RunnerDescription& description, const std::string& name) {
  const Json& environment = description.info.environment;
  const auto refuse = [&](std::string_view what) {
    return fail_with_hint(
        ErrorCode::kEnvironment,
        fmt::format("the runner {} does not tell {} of its device", description.info.runner, what),
        "take the peaks of a device that is like it: --like NAME; `nitro devices` lists them");
  };
  if (!description.roofs) return refuse("the measured peaks");
  const cuda::GpuRoofs& roofs = *description.roofs;
  Device device;
  device.name = name;
  device.title = device_title(environment);
  device.arch = fmt::format("sm_{}", environment.at("compute_capability").as_integer(0));
  device.multiprocessors = environment.at("multiprocessors").as_integer(0);
  device.gpu_mhz = highest_mhz(environment);
  device.memory_bytes = environment.at("gpu_memory_bytes").as_integer(0);
  if (device.multiprocessors <= 0) return refuse("the multiprocessors");
  if (!(device.gpu_mhz > 0)) return refuse("the clock");
  if (device.memory_bytes <= 0) return refuse("the memory");
  const double clocks = static_cast<double>(device.multiprocessors) * device.gpu_mhz * 1e6;
  const double halves = std::max({roofs.fp16_flops, roofs.tensor_flops, roofs.fp32_flops});
  device.fp32_per_clock = roofs.fp32_flops / clocks;
  device.fp16_per_clock = halves / clocks;
  device.bytes_per_s = roofs.copy_bytes_per_s;
  device.has_int8 = std::max(roofs.int8_flops, roofs.tensor_int8_flops) > halves;
  device.source = fmt::format(
      "multiprocessors and memory as the driver tells; the highest clock of the {}; arithmetic in "
      "FP32, {} and copies in memory measured by kernels of Nitro that do nothing else",
      environment.at("board").at("gpu_mhz").is_object() ? "board's power mode" : "GPU",
      halves == roofs.tensor_flops ? "FP16 on tensor cores" : "FP16");
  return device;
}

}  // namespace nitro::predict
