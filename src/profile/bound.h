#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cuda/kernel_counters.h"
#include "measure/roof.h"

namespace nitro::profile {

/// The hardware limit that holds a layer.
enum class Bound : uint8_t { kCompute, kMemory, kLaunch, kWave, kLayout, kUnknown };
std::string_view name(Bound bound);

/// The part of the time from which on a limit is the bound.
inline constexpr double kExplains = 0.4;

/// What is known of one executed layer.
struct LayerFacts {
  double time_ns = 0;
  double flops = 0;
  double bytes = 0;
  bool only_movement = false;
  double operand_bytes = 0;  // what blocks on a GPU read again included; 0: not known
  /// Blocks of a kernel for each multiprocessor of the GPU; 0: not known.
  double waves = 0;
  std::optional<cuda::KernelCounters> counters = {};  // where a GPU's could be read
};

struct Explanation {
  Bound bound = Bound::kUnknown;
  std::string evidence;  // a sentence or two with the numbers
};

/// Compares the time of a layer with what this machine's roofs allow at `threads` threads: time at
/// the FP32 roof, time at the bandwidth of the smallest cache level (or DRAM) that holds the bytes,
/// and the cost of starting a thread. The larger of the first two is the bound if it explains at
/// least kExplains of the time; else the start, if it does. Movement alone is `layout`.
Explanation explain(const LayerFacts& layer, const measure::Roofs& roofs, int threads,
                    const std::vector<int64_t>& cache_bytes);

}  // namespace nitro::profile
