#pragma once

#include "predict/device.h"
#include "predict/measure_benchmarks.h"

namespace nitro::predict {

/// What a runner on a GPU says of it.
struct RunnerDescription {
  runner::RunnerInfo info;
  std::optional<cuda::GpuRoofs> roofs = {};
};

/// Starts the runner of `setup` and, where it can, profiles a tiny model for the roofs.
Result<RunnerDescription> describe_runner(const BenchmarkSetup& setup);

/// A device with the peaks that were measured on it. kEnvironment where the runner says too little
/// of it.
Result<Device> measured_device(const RunnerDescription& description, const std::string& name);

/// "NVIDIA Jetson Nano Developer Kit, power mode 0", or the name of the GPU.
std::string device_title(const Json& environment);

}  // namespace nitro::predict
