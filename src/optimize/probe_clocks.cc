#include "optimize/probe_clocks.h"

#include <algorithm>
#include <cmath>

namespace nitro::optimize {
namespace {

using profile::ClockSetting;
using profile::ClockVisit;

constexpr double kRatio = 2;
/// A low clock is at most this part of the high one.
constexpr double kLowest = 0.8;
/// Frames at each point: what times their median to a fraction of a percent.
constexpr runner::TimeRules kRules = {.warmup_ns = 200'000'000,
                                      .max_warmup_ns = 3'000'000'000,
                                      .min_samples = 10,
                                      .max_samples = 300,
                                      .min_ns = 0,
                                      .max_ns = 3'000'000'000};

/// The step that is nearest to the part `1 / ratio` of the most; 0 where none is low enough.
int64_t low_step(const runner::BoardClock& clock, double ratio) {
  const auto most = static_cast<double>(clock.most);
  if (clock.available.empty()) return std::llround(most / ratio);
  const auto distance = [&](int64_t hertz) {
    return std::abs(std::log(most / ratio / static_cast<double>(hertz)));
  };
  const int64_t best = *std::ranges::min_element(clock.available, {}, distance);
  return static_cast<double>(best) <= kLowest * most ? best : 0;
}

int64_t high_step(const runner::BoardClock& clock) {
  int64_t high = 0;
  for (const int64_t hertz : clock.available) {
    if (hertz <= clock.most) high = hertz;
  }
  return high > 0 ? high : clock.most;
}

ClockSetting setting(const runner::BoardClocks& clocks) {
  return {clocks.gpu ? clocks.gpu->now : 0, clocks.emc ? clocks.emc->now : 0};
}

runner::ClocksWanted wanted(const ClockSetting& clocks) {
  runner::ClocksWanted wanted;
  wanted.gpu_hz = clocks.gpu_hz;
  if (clocks.emc_hz > 0) wanted.emc_hz = clocks.emc_hz;
  return wanted;
}

std::vector<std::pair<bool, bool>> tour(bool both) {
  std::vector<std::pair<bool, bool>> there = {{false, false}, {true, false}};
  if (both) there.insert(there.end(), {{true, true}, {false, true}});
  const std::vector<std::pair<bool, bool>> back(there.rbegin(), there.rend());
  there.insert(there.end(), back.begin(), back.end());
  return there;
}

/// Where the steps of the memory's clock are not told, the kernel chooses one near what is asked.
Result<void> find_low_emc(runner::Runner& runner, ProbedClocks& clocks) {
  const auto there = TRY(runner.clocks(wanted({clocks.high.gpu_hz, clocks.low.emc_hz})));
  const int64_t now = there.emc ? there.emc->now : 0;
  if (static_cast<double>(now) <= kLowest * static_cast<double>(clocks.high.emc_hz) && now > 0) {
    clocks.low.emc_hz = now;
    return {};
  }
  clocks.memory_kept =
      fmt::format("asked for {:.1f} MHz it stays at {:.1f}",
                  static_cast<double>(clocks.low.emc_hz) / 1e6, static_cast<double>(now) / 1e6);
  TRY(runner.clocks({.restore = true}));
  clocks.high.emc_hz = clocks.low.emc_hz = 0;
  return {};
}

class Prober {
 public:
  Prober(runner::Runner& runner, runner::Workload workload, const ProbeOptions& options)
      : runner_(runner), workload_(std::move(workload)), options_(options) {}

  Result<ClockVisit> visit(const ProbedClocks& clocks, bool low_gpu, bool low_emc) {
    ClockVisit visit;
    visit.low_gpu = low_gpu;
    visit.low_emc = low_emc;
    visit.wanted = {low_gpu ? clocks.low.gpu_hz : clocks.high.gpu_hz,
                    low_emc ? clocks.low.emc_hz : clocks.high.emc_hz};
    TRY(runner_.clocks(wanted(visit.wanted)));
    // A GPU that has no work may be off, and its clock what it likes: read after some.
    runner::TimeReply timed = TRY(runner_.time({workload_}, kRules));
    visit.before = setting(TRY(runner_.clocks()));
    visit.frame_ns = std::move(timed.variants[0].samples_ns);
    visit.nodes = TRY(runner_.profile(workload_[0], (options_.iterations + 1) / 2, true));
    visit.after = setting(TRY(runner_.clocks()));
    return visit;
  }

 private:
  runner::Runner& runner_;
  runner::Workload workload_;
  const ProbeOptions& options_;
};

Result<profile::ClockProbe> probe(const Frame& frame, const ProbeOptions& options) {
  runner::Runner runner = TRY(start_interruptible_runner(options.setup));
  ProbedClocks clocks = TRY(ask_clocks(runner));
  Prober prober(runner, TRY(load_frame(runner, frame, options.setup)), options);
  if (clocks.low.emc_hz > 0) TRY(find_low_emc(runner, clocks));
  std::vector<ClockVisit> visits;
  const auto points = tour(clocks.low.emc_hz > 0);
  for (const auto& [low_gpu, low_emc] : points) {
    options.phase(fmt::format("probing by clocks, {} of {}", visits.size() + 1, points.size()));
    visits.push_back(TRY(prober.visit(clocks, low_gpu, low_emc)));
  }
  TRY(runner.clocks({.restore = true}));
  TRY(runner.bye());
  profile::ClockProbe joined = profile::join_visits(visits);
  if (!clocks.memory_kept.empty())
    joined.notes.push_back({measure::QualityCode::kMemoryClockKept, clocks.memory_kept});
  return joined;
}

}  // namespace

Result<ProbedClocks> choose_clocks(const runner::BoardClocks& board) {
  if (!board.gpu || !board.gpu->cannot_set.empty()) {
    return fail_with_hint(
        ErrorCode::kEnvironment,
        "the clocks cannot be probed: " +
            (board.gpu ? board.gpu->cannot_set : "the board has no clock of a GPU"),
        board.sudoers.empty() ? "" : "in /etc/sudoers.d/nitro on the board: " + board.sudoers);
  }
  ProbedClocks clocks;
  clocks.high.gpu_hz = high_step(*board.gpu);
  double ratio = kRatio;
  if (!board.emc || !board.emc->cannot_set.empty()) {
    clocks.memory_kept = board.emc ? board.emc->cannot_set : "the board tells none";
  } else if (const int64_t low = low_step(*board.emc, kRatio); low > 0) {
    clocks.high.emc_hz = high_step(*board.emc);
    clocks.low.emc_hz = low;
    ratio = static_cast<double>(clocks.high.emc_hz) / static_cast<double>(low);
  } else {
    clocks.memory_kept = "it has no lower step";
  }
  clocks.low.gpu_hz = low_step(*board.gpu, ratio);
  if (clocks.low.gpu_hz == 0)
    return fail(ErrorCode::kEnvironment, "the GPU's clock has no step below {:.1f} MHz",
                static_cast<double>(clocks.high.gpu_hz) / 1e6);
  return clocks;
}

Result<ProbedClocks> ask_clocks(runner::Runner& runner) {
  if (!runner.info().can("clocks")) {
    return fail_with_hint(
        ErrorCode::kUsage, "the clocks of this machine cannot be probed",
        "--probe-clocks is for Nitro's own engine on a Jetson: --device ssh://user@host, "
        "and no --runner");
  }
  return choose_clocks(TRY(runner.clocks()));
}

Result<std::optional<profile::ClockProbe>> probe_clocks(const Frame& frame,
                                                        const ProbeOptions& options) {
  if (options.setup.interrupted()) return std::nullopt;
  auto probed = probe(frame, options);
  if (!probed && probed.error().code == ErrorCode::kInterrupted) return std::nullopt;
  if (!probed) return std::unexpected(std::move(probed.error()));
  return std::optional(std::move(*probed));
}

}  // namespace nitro::optimize
