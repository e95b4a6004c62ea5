#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace nitro::trace {

struct TensorrtVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;
  auto operator<=>(const TensorrtVersion&) const = default;
};

/// "8.2.1".
std::string text(const TensorrtVersion& version);
/// Of that text.
std::optional<TensorrtVersion> parse_tensorrt_version(std::string_view text);

/// The version in the first line of what trtexec prints: "&&&& RUNNING TensorRT.trtexec [TensorRT
/// v8201] # …", or v101303 from 10 on. Nothing where there is none, as before 8.0.
std::optional<TensorrtVersion> logged_version(std::string_view log);

/// What a log says of why trtexec failed, as an error with a remedy: kUnsupportedOp with the name
/// of the node that the parser stopped at, kOutOfMemory, or kRunnerFailed with the first of its [E]
/// lines. `ending` is how the process ended.
Error logged_error(std::string_view log, std::string_view ending);

}  // namespace nitro::trace
