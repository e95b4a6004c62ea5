#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace nitro::runner {

/// Where a system has one clock, in hertz unless said otherwise.
struct ClockFiles {
  std::filesystem::path now;
  std::filesystem::path most;
  std::vector<std::filesystem::path> most_by_mode;  // limits of the power mode; 0 is none
  std::filesystem::path available;                  // a list
  double available_scale = 1;                       // hertz of its unit
  /// What is written to fix it: a switch that takes 1, and the rate; or, where there is no switch,
  /// the least and the most.
  std::filesystem::path hold;
  std::filesystem::path rate;
  std::filesystem::path rate_before;  // where the rate can be read that `rate` had
  std::filesystem::path least;

  /// All that is written, and all that is read.
  std::vector<std::filesystem::path> written() const;
  std::vector<std::filesystem::path> read() const;
};

/// Where power modes limit the memory's clock.
std::vector<std::filesystem::path> emc_limit_files(const std::filesystem::path& root);

/// The GPU's, below `root` (devfreq).
std::optional<ClockFiles> gpu_clock_files(const std::filesystem::path& root);

/// The memory's: of Tegra X1 (Jetson Nano, TX1; the clock framework's override user of the EMC, as
/// L4T 32's jetson_clocks sets it) or of boards whose clocks the BPMP has (all later). They are
/// below /sys/kernel/debug, where users do not even see whether they are there. Nothing on other
/// machines. Sources: jetson_clocks of L4T 32 to 36, NVIDIA's drivers/clk/tegra of L4T 32.
std::optional<ClockFiles> emc_clock_files(const std::filesystem::path& root);

}  // namespace nitro::runner
