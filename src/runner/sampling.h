#pragma once

#include <functional>
#include <vector>

#include "runner/protocol.h"

namespace nitro::runner {

/// Executes a workload once.
using Frame = std::function<Result<void>()>;

/// The timing of the verb `time` for backends without threads of their own: warms each frame up,
/// then samples all in the order A B B A A B. `cold` says which of them never ran before. Once
/// `stop` is true it ends as soon as each frame has a sample.
Result<TimeReply> sample_frames(
    const std::vector<Frame>& frames, const std::vector<bool>& cold, const TimeRules& rules,
    const std::function<bool()>& stop = [] { return false; });

}  // namespace nitro::runner
