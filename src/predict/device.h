#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "predict/rates.h"

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
  double tf32_per_clock =
      0;                   // of products in FP32 with inputs of 10 bits of fraction; 0: it has none
  double bytes_per_s = 0;  // of its memory
  int64_t memory_bytes = 0;
  double host_slowdown = 1;            // of launching work, against the Jetson Nano at 10 W
  std::string runtime = "tensorrt-8";  // that is usual there
  bool has_int8 = false;               // whether integers are faster than halves
  std::string source;                  // where the numbers come from
  std::map<std::string, FittedRates> rates = {};  // measured on it, by the name of a runtime

  bool operator==(const Device&) const = default;
  double flops(Precision precision) const {
    return per_second(precision == Precision::kFp32 ? fp32_per_clock : fp16_per_clock);
  }
  bool has_tensor_cores() const { return fp16_per_clock > 2 * fp32_per_clock; }
  /// Of products of matrices, which runtimes let TF32 compute.
  double product_flops(Precision precision) const {
    const bool tf32 = precision == Precision::kFp32 && tf32_per_clock > 0;
    return tf32 ? per_second(tf32_per_clock) : flops(precision);
  }

 private:
  double per_second(double per_clock) const {
    return per_clock * static_cast<double>(multiprocessors) * gpu_mhz * 1e6;
  }
};

/// Reads one device. kBadFile names the line and what is wrong with it.
Result<Device> read_device(std::string_view toml, const std::string& file);
/// As read_device() reads it.
std::string to_toml(const Device& device);

/// The devices that Nitro knows, by name, and those of `*.toml` in `folder` (of the user; may be
/// missing), which replace others of the same name.
Result<std::vector<Device>> devices(const std::filesystem::path& folder);

/// $XDG_CONFIG_HOME/nitro/devices, or ~/.config/nitro/devices.
std::filesystem::path user_device_folder();

/// The device called `name`, or that of the file `name` if it ends in ".toml". kUsage suggests the
/// nearest name.
Result<Device> find_device(const std::string& name);

/// The runtime called `name` (kUsage), with the device's own rates where it has some: with tensor
/// cores these are of FP16 alone, because FP32 is computed elsewhere.
Result<Runtime> find_runtime_on(const Device& device, std::string_view name, Precision precision);

}  // namespace nitro::predict
