#include <algorithm>
#include <vector>

#include "measure/environment.h"
#include "measure/roof.h"
#include "measure/roof_bandwidth.h"
#include "measure/roof_dispatch.h"
#include "measure/roof_flops.h"

namespace nitro::measure {
namespace {

// Below this a thread shared its processor with something else for long enough to matter.
constexpr double kUndisturbedShare = 0.9;

std::vector<int> thread_counts(int processors) {
  std::vector<int> counts;
  for (int count = 1; count < processors; count += count < 4 ? 1 : count) counts.push_back(count);
  counts.push_back(processors);
  return counts;
}

ThreadRoof measure_thread_roof(int threads, const Environment& environment, bool& disturbed) {
  const auto take = [&](const TeamRate& rate) {
    disturbed = disturbed || rate.processor_share < kUndisturbedShare;
    return rate.per_second;
  };
  const FloatKernels kernels = float_kernels().front();
  const auto bandwidth = [&](int level) -> std::optional<double> {
    const auto bytes =
        footprint(environment.caches, level, threads, environment.available_memory_bytes);
    if (!bytes) return std::nullopt;
    return take(measure_bandwidth(kernels, *bytes, threads));
  };
  ThreadRoof roof{.threads = threads};
  roof.fp32_flops = take(measure_flops(kernels, threads));
  if (const auto int8 = int8_kernels(); !int8.empty()) {
    roof.int8_ops = take(measure_int8_ops(int8.front(), threads));
  }
  roof.l1_bytes_per_s = bandwidth(1);
  roof.l2_bytes_per_s = bandwidth(2);
  roof.l3_bytes_per_s = bandwidth(3);
  roof.dram_bytes_per_s = bandwidth(kDramLevel);
  return roof;
}

}  // namespace

Roofs measure_roofs() {
  const Environment environment = read_environment();
  Roofs roofs;
  roofs.fp32_isa = float_kernels().front().isa;
  if (const auto int8 = int8_kernels(); !int8.empty()) roofs.int8_isa = int8.front().isa;
  for (int threads : thread_counts(environment.usable_processors)) {
    roofs.by_threads.push_back(measure_thread_roof(threads, environment, roofs.disturbed));
  }
  roofs.dispatch_ns = std::max(1.0, measure_dispatch_ns());
  return roofs;
}

}  // namespace nitro::measure
