#pragma once

#include <functional>

#include "base/json.h"
#include "runner/sampling.h"

namespace nitro::runner {

/// The frame of one variant (its member `calls`); sets `cold` where one of its models never ran.
using MakeFrame = std::function<Result<Frame>(const Json& variant, bool& cold)>;

/// The reply to `time` of runners without threads of their own: parses the rules, makes the frames
/// and samples them.
Result<Json> answer_time(const Json& request, const MakeFrame& make_frame);

}  // namespace nitro::runner
