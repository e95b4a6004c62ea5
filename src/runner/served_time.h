#pragma once

#include <functional>

#include "base/json.h"
#include "runner/sampling.h"

namespace nitro::runner {

/// Samples the variants of a request, each with its member `calls`.
using SampleVariants =
    std::function<Result<TimeReply>(const Json& variants, const TimeRules& rules)>;

/// The reply to `time`: parses the rules, samples, and adds the machine's power meanwhile where it
/// has a sensor.
Result<Json> answer_time(const Json& request, const SampleVariants& sample);

/// The frame of one variant (its member `calls`); sets `cold` where one of its models never ran.
using MakeFrame = std::function<Result<Frame>(const Json& variant, bool& cold)>;

/// That of runners without threads of their own: makes the frames and samples them.
Result<Json> answer_time(const Json& request, const MakeFrame& make_frame);

}  // namespace nitro::runner
