#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace nitro::predict {

enum class Precision : uint8_t { kFp32, kFp16 };
constexpr std::string_view name(Precision precision) {
  return precision == Precision::kFp32 ? "fp32" : "fp16";
}
constexpr double element_bytes(Precision precision) {
  return precision == Precision::kFp32 ? 4 : 2;
}

/// A machine in one power mode, as its vendor describes it (src/predict/devices/*.toml).
struct Device {
  std::string name;   // "jetson-nano"
  std::string title;  // "Jetson Nano 4 GB, 10 W"
  std::string arch;   // "sm_53"
  int64_t multiprocessors = 1;
  double gpu_mhz = 0;
  double fp32_per_clock = 0;  // FLOPs of a multiprocessor; a multiply-add is two
  double fp16_per_clock = 0;
  double bytes_per_s = 0;  // of its memory
  int64_t memory_bytes = 0;
  double host_slowdown = 1;  // of launching work, against the Jetson Nano at 10 W
  bool fitted = false;       // whether rates were fitted to measurements on it: else less is known
  bool has_int8 = false;     // whether integers are faster than halves
  std::string source;        // where the numbers come from

  double flops(Precision precision) const {
    return (precision == Precision::kFp32 ? fp32_per_clock : fp16_per_clock) *
           static_cast<double>(multiprocessors) * gpu_mhz * 1e6;
  }
};

/// Reads one device. kBadFile names the line and what is wrong with it.
Result<Device> read_device(std::string_view toml, const std::string& file);

/// The devices that Nitro knows, by name, and those of `*.toml` in `folder` (of the user; may be
/// missing), which replace others of the same name.
Result<std::vector<Device>> devices(const std::filesystem::path& folder);

/// $XDG_CONFIG_HOME/nitro/devices, or ~/.config/nitro/devices.
std::filesystem::path user_device_folder();

/// The device called `name`, or that of the file `name` if it ends in ".toml". kUsage suggests the
/// nearest name.
Result<Device> find_device(const std::string& name);

}  // namespace nitro::predict
