#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "cuda/device.h"

namespace nitro::cuda {

/// The device a number was measured on, and its state at the moment. What neither the driver nor NVML
/// (libnvidia-ml.so.1, which Jetsons lack) gives is "" or 0.
struct DeviceState {
  std::string name = {};
  std::string driver = {};  // "550.54.15"
  std::string cuda = {};    // the newest that the driver speaks: "12.4"
  int compute_capability = 0;
  int64_t multiprocessors = 0;
  int64_t memory_bytes = 0;
  int64_t l2_bytes = 0;
  int64_t multiprocessor_mhz = 0;
  int64_t multiprocessor_max_mhz = 0;
  int64_t memory_mhz = 0;
  int64_t memory_max_mhz = 0;
  int64_t temperature_celsius = 0;
  double power_watts = 0;
  /// What holds the clocks down, as NVML's nvmlClocksEventReasons; bit 0 is idleness.
  uint64_t clock_reasons = 0;
};

DeviceState read_device_state(const Device& device);

/// The members of DeviceState, by their names.
Json to_json(const DeviceState& state);

}  // namespace nitro::cuda
