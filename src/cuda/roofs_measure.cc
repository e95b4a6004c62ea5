#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>

#include "cuda/roof_probes.h"
#include "cuda/roofs.h"
#include "cuda/tuning.h"

namespace nitro::cuda {
namespace {

/// How long a plan is repeated: clocks that were low have risen by then.
constexpr std::chrono::milliseconds kLongEnough{50};
constexpr size_t kTogether = 10;  // runs between two looks at the clock

Result<Engine> load_probe(const RoofProbe& probe, size_t steps, EngineOptions options) {
  options.poison = false;
  options.tuning = std::make_shared<const Tuning>();
  options.specialise = [](plan::Plan plan, const Target&) { return plan; };
  options.program_for = [&](const plan::Plan&, const plan::Step&,
                            const Target&) -> Result<Program> { return probe.program; };
  return Engine::load(probe_plan(probe, steps), std::move(options));
}

/// The shortest time of a run, in nanoseconds: what disturbs it only makes it longer.
Result<double> shortest_run(const RoofProbe& probe, size_t steps, const EngineOptions& options) {
  Engine engine = TRY(load_probe(probe, steps, options));
  const std::vector<const Recording*> order(kTogether, &engine.recording());
  double shortest = std::numeric_limits<double>::infinity();
  const auto end = std::chrono::steady_clock::now() + kLongEnough;
  do {
    const std::vector<double> times = TRY(engine.times(order));
    shortest = std::min(shortest, std::ranges::min(times));
  } while (std::chrono::steady_clock::now() < end);
  return shortest;
}

/// What one launch more takes: twice as many take so much longer. The launch of the graph itself is
/// in neither.
Result<double> time_of_launch(const RoofProbe& probe, const EngineOptions& options) {
  const double once = TRY(shortest_run(probe, probe.steps, options));
  const double twice = TRY(shortest_run(probe, 2 * probe.steps, options));
  if (!(twice > once)) {
    return fail_with_hint(ErrorCode::kEnvironment,
                          fmt::format("{} kernels ({}) take {:.0f} ns, and half of them {:.0f} ns",
                                      2 * probe.steps, probe.program.variant, twice, once),
                          "measure again while nothing else uses the GPU");
  }
  return (twice - once) / static_cast<double>(probe.steps);
}

}  // namespace

Result<GpuRoofs> measure_gpu_roofs(const Device& device, int64_t cache_bytes,
                                   const EngineOptions& options) {
  GpuRoofs roofs;
  for (const RoofProbe& probe : roof_probes(device.target(), cache_bytes)) {
    const double ns = TRY(in_context(time_of_launch(probe, options), "the roofs of the GPU"));
    roofs.*probe.roof = probe.work > 0 ? probe.work / ns * 1e9 : ns;
  }
  if (roofs.cache_copy_bytes_per_s > 0) roofs.cache_bytes = cache_bytes;
  return roofs;
}

}  // namespace nitro::cuda
