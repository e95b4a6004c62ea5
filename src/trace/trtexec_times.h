#pragma once

#include <filesystem>
#include <vector>

#include "base/json.h"

namespace nitro::trace {

/// One inference of trtexec --exportTimes, in milliseconds: when its work on the GPU started, on a
/// clock that starts with the run, and how long it took, both by CUDA events.
struct InferenceTime {
  double start_ms = 0;
  double compute_ms = 0;
};

/// The inferences in the file's order. Durations are `computeMs`: starts are written with six
/// digits, too few for a difference. Fails with kBadFile, naming the row.
Result<std::vector<InferenceTime>> parse_trtexec_times(const Json& json);
Result<std::vector<InferenceTime>> read_trtexec_times(const std::filesystem::path& path);

}  // namespace nitro::trace
