#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "measure/cpu_cache.h"
#include "measure/roof_kernels.h"
#include "measure/thread_team.h"

namespace nitro::measure {

/// Level of the main memory, above all caches.
constexpr int kDramLevel = 5;

/// Bytes per thread that live in `level` (1 to 3, or kDramLevel) when `threads` threads stream
/// through as many each. Nothing where the machine has no such cache, where its share is no larger
/// than the caches below, or where main memory is too scarce to try.
std::optional<int64_t> footprint(std::span<const CpuCache> caches, int level, int threads,
                                 int64_t available_memory_bytes);

/// Bytes per second of `threads` threads, each streaming through `bytes` of its own: the better of
/// reading and a triad.
TeamRate measure_bandwidth(const FloatKernels& kernels, int64_t bytes, int threads);

}  // namespace nitro::measure
