#include "profile/bound.h"

#include <fmt/core.h>

#include <array>
#include <utility>
#include <vector>

namespace nitro::profile {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"compute", "memory", "launch",
                                                    "wave",    "layout", "unknown"};

struct Level {
  std::string_view name;
  double bytes_per_s = 0;
};

/// The smallest level that holds `bytes`, with its bandwidth; the next one where it was not
/// measured.
Level level_for(double bytes, const measure::ThreadRoof& roof,
                const std::vector<int64_t>& cache_bytes) {
  const std::array<std::pair<std::string_view, std::optional<double>>, 3> levels = {
      {{"L1", roof.l1_bytes_per_s}, {"L2", roof.l2_bytes_per_s}, {"L3", roof.l3_bytes_per_s}}};
  for (size_t i = 0; i < levels.size(); ++i) {
    const double capacity = i < cache_bytes.size() ? static_cast<double>(cache_bytes[i]) : 0;
    if (levels[i].second && bytes <= capacity) return {levels[i].first, *levels[i].second};
  }
  return {"DRAM", roof.dram_bytes_per_s.value_or(0)};
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

}  // namespace

std::string_view name(Bound bound) { return kNames[std::to_underlying(bound)]; }

Explanation explain(const LayerFacts& layer, const measure::Roofs& roofs, int threads,
                    const std::vector<int64_t>& cache_bytes) {
  if (layer.time_ns <= 0)
    return {Bound::kUnknown, "Its time is below the resolution of the profiler."};
  const measure::ThreadRoof& roof = roofs.at(threads);
  const Level level = level_for(layer.bytes, roof, cache_bytes);
  const double compute =
      roof.fp32_flops > 0 ? layer.flops / roof.fp32_flops * 1e9 / layer.time_ns : 0;
  const double memory =
      level.bytes_per_s > 0 ? layer.bytes / level.bytes_per_s * 1e9 / layer.time_ns : 0;
  const double launch = roofs.dispatch_ns / layer.time_ns;
  const std::string compute_text = fmt::format("{} of the FP32 roof ({:.0f} GFLOP/s, {} threads)",
                                               percent(compute), roof.fp32_flops / 1e9, threads);
  const std::string memory_text = fmt::format("{} of the {} bandwidth ({:.0f} GB/s)",
                                              percent(memory), level.name, level.bytes_per_s / 1e9);
  const bool short_lived = launch >= kExplains;
  if (layer.only_movement && !short_lived) {
    return {Bound::kLayout, fmt::format("It only moves data: no arithmetic, {:.2f} MB, {}.",
                                        layer.bytes / 1e6, memory_text)};
  }
  if (compute >= kExplains && compute >= memory) {
    return {Bound::kCompute, fmt::format("It reaches {}.", compute_text)};
  }
  if (memory >= kExplains) return {Bound::kMemory, fmt::format("It reaches {}.", memory_text)};
  if (short_lived) {
    return {Bound::kLaunch, fmt::format("It takes {:.1f} us, and starting a thread {:.1f} us: the "
                                        "start weighs as much as the work.",
                                        layer.time_ns / 1e3, roofs.dispatch_ns / 1e3)};
  }
  return {Bound::kUnknown,
          fmt::format("No roof explains it: it reaches {} and {}.", compute_text, memory_text)};
}

}  // namespace nitro::profile
