#pragma once

#include <functional>
#include <optional>
#include <string>

#include "optimize/frame.h"
#include "profile/clock_probe.h"

namespace nitro::optimize {

/// The settings between which a probe goes.
struct ProbedClocks {
  profile::ClockSetting high;
  profile::ClockSetting low;     // emc_hz is 0 where the memory's clock cannot be set
  std::string memory_kept = {};  // why it cannot
};

/// Of what a board offers: the most of its power mode, and about half of it, for both clocks by the
/// same ratio as far as their steps allow. kEnvironment, with what to do, where the GPU's clock
/// cannot be set.
Result<ProbedClocks> choose_clocks(const runner::BoardClocks& board);

/// Asks the runner, which must be of a board, for them. kUsage where it has no clocks to set.
Result<ProbedClocks> ask_clocks(runner::Runner& runner);

struct ProbeOptions {
  RunSetup setup;
  int64_t iterations = 20;  // of the nodes' times, at each point
  std::function<void(const std::string&)> phase = [](const std::string&) {};
};

/// Times a frame, and the nodes of its first call, at all combinations of the clocks, each twice: A
/// B C D D C B A, so that what drifts evenly adds the same to each. All in one process, at whose
/// end the clocks are as before. Nothing where it was interrupted.
Result<std::optional<profile::ClockProbe>> probe_clocks(const Frame& frame,
                                                        const ProbeOptions& options);

}  // namespace nitro::optimize
