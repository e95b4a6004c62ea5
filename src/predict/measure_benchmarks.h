#pragma once

#include "predict/benchmarks.h"
#include "predict/measured_net.h"
#include "predict/prediction.h"
#include "runner/registry.h"

namespace nitro::predict {

/// What measures: any runner that has `time`.
struct BenchmarkSetup {
  std::string runner;
  runner::StartOptions start = {};  // but for its precision
  runner::LoadOptions load = {};
  std::function<void(const std::string&)> phase = [](const std::string&) {};
};

struct MeasuredBenchmarks {
  std::vector<MeasuredNet> nets;
  /// Names of those that the runner refused or had no memory for, with the reason.
  std::vector<std::string> left_out;
};

/// Times frames of each of `list` in FP16 and, where it is to be and the device has no tensor
/// cores, in FP32; a runner without that choice takes the models as they are, in FP32. The layers
/// of each are those of `runtime` on `device`. Errors are those of the runner; kInterrupted once
/// the patience of `setup` says so.
Result<MeasuredBenchmarks> measure_benchmarks(const std::vector<Benchmark>& list,
                                              const Device& device, const Runtime& runtime,
                                              const BenchmarkSetup& setup);

}  // namespace nitro::predict
