#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace nitro::runner {

/// What a line of NVIDIA's program tegrastats says of a board. A clock is the highest of several:
/// of cores, and of the GPU's clusters.
struct Tegrastats {
  std::optional<int64_t> swap_used_bytes = {};
  std::string largest_free_blocks = {};  // "98x4MB"
  std::optional<double> cpu_mhz = {};
  std::optional<double> gpu_mhz = {};
  std::optional<double> emc_mhz = {};
  std::map<std::string, double> temperatures_c = {};  // by sensor; without those that are off
  std::map<std::string, double> power_mw = {};        // now, by rail
};

/// Reads a line of L4T 28 to 39. There is no error: what is readable of any text is read, and the
/// rest is passed over. Sources: NVIDIA's L4T 32.5 documentation; lines recorded on TX1, TX2, Nano,
/// AGX Xavier, Xavier NX, Orin and Thor.
Tegrastats read_tegrastats(std::string_view line);

/// The first line that the program tegrastats of this machine prints, which is killed then; ""
/// where there is none, or it says nothing for two seconds.
std::string tegrastats_line();

}  // namespace nitro::runner
