#pragma once

#include <string>
#include <vector>

#include "cuda/device_memory.h"
#include "cuda/engine.h"

namespace nitro::cuda {

/// What an Engine holds. Members are given back in reverse order.
struct Engine::State {
  std::shared_ptr<const Device> device;
  plan::Plan plan;
  LoadRecord load_record;
  bool programmatic_launch = false;
  bool poison = false;

  Stream stream;
  DeviceMemory arena;
  DeviceMemory constants;
  std::vector<DeviceMemory> ports;     // of the buffers that are inputs and outputs
  std::vector<CUdeviceptr> own;        // where each buffer is, by default
  std::vector<CUdeviceptr> addresses;  // and now
  int64_t memory_bytes = 0;
  LoadedKernels loaded;
  std::vector<std::vector<CUdeviceptr>> arguments;  // of each step
  std::vector<std::string> range_names;             // of each step, for profilers
  Recording recording;

  /// Memory for every buffer, and the contents of constants, which leave the plan.
  Result<void> allocate_buffers();
  /// Arguments of each step, by `addresses`.
  void set_arguments();
  void set_range_names();
  Result<void> launch_step(size_t i, CUstream to, bool overlap) const;
  /// By itself, in a range that names the step's module.
  Result<void> launch_in_range(size_t i, CUstream to) const;
  Result<Recording> record(std::span<const size_t> steps) const;
  Result<Recording> record_all() const;
  Result<void> fill_with_poison(CUstream to) const;
};

}  // namespace nitro::cuda
