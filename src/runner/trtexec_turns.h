#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "runner/protocol.h"
#include "runner/trtexec_program.h"
#include "trace/trtexec_times.h"

namespace nitro::runner {

/// A frame: for each of its calls the flags that name engine and inputs.
struct TrtexecVariant {
  std::vector<std::vector<std::string>> calls;
  bool cold = false;  // one of its engines never ran
};

/// Samples the variants in turns, A B B A, each turn a process for every call. A sample is the time
/// that its call's work took on the GPU; of a frame of several calls the sum of the samples of the
/// same number, for each is measured by itself. SIGINT ends it once every variant has samples.
Result<TimeReply> sample_in_turns(const TrtexecProgram& program,
                                  const std::filesystem::path& scratch,
                                  const std::vector<TrtexecVariant>& variants,
                                  const TimeRules& rules);

/// How often a variant has its turn at most.
inline constexpr int64_t kTurns = 4;

/// What trtexec is to be told for one turn.
struct TurnLength {
  int64_t warmup_ms = 0;
  int64_t seconds = 0;     // at least
  int64_t iterations = 1;  // at least
};
TurnLength turn_length(const TimeRules& rules, size_t variants);

/// The inferences of a turn: the very first, where it is in the file, and those after the warm-up.
/// Up to 8.4 trtexec writes those of the warm-up as well.
struct Turn {
  std::optional<double> first_ms;
  int64_t warmup_frames = 0;
  bool warm = false;  // the times no longer changed when the warm-up ended, or soon after
  std::vector<trace::InferenceTime> times;
};
Turn without_warm_up(const std::vector<trace::InferenceTime>& times, int64_t warmup_ms);

}  // namespace nitro::runner
