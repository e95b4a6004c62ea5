#pragma once

#include <optional>

#include "base/error.h"
#include "base/json.h"

namespace nitro::cuda {

/// What the hardware counted while one kernel ran by itself; nothing where the GPU has no such
/// counter. Shares are of what is possible at the clock that it ran at, over the whole kernel.
struct KernelCounters {
  std::optional<double> memory_bytes = {};  // read from and written to the device's memory
  std::optional<double> cache_bytes = {};   // the same of the second-level cache
  std::optional<double> issue_share = {};   // of the cycles in which schedulers issue
  std::optional<double> tensor_share = {};  // of the cycles in which tensor cores work
  std::optional<double> warp_share = {};    // of the warps that multiprocessors can hold
  bool operator==(const KernelCounters&) const = default;
};

/// The members that there are, by their names.
Json to_json(const KernelCounters& counters);
/// Reads what to_json() writes; kBadFile where a number is impossible.
Result<KernelCounters> kernel_counters_from_json(const Json& json);

}  // namespace nitro::cuda
