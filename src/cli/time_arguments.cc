#include "cli/time_arguments.h"

#include <algorithm>

namespace nitro::cli {
namespace {

/// Relative half-width of the median's interval at which a process has measured enough.
constexpr double kPrecise = 0.01;

}  // namespace

void TimeArguments::declare(Arguments& arguments) {
  arguments.option("--repetitions",
                   fmt::format("Fresh processes to time (default {})", repetitions_), repetitions_,
                   1);
  arguments.option("--iterations", "Frames to time at least, in each process (default 10)",
                   iterations_, 1);
  arguments.option("--duration", "Seconds to time at least, in each process (default 0.5)",
                   duration_s_, 0);
  arguments.option("--warmup,--warmUp", "Milliseconds to warm up at least (default 200)",
                   warmup_ms_, 0);
}

runner::TimeRules TimeArguments::rules() const {
  runner::TimeRules rules;
  rules.half_width = kPrecise;
  rules.min_samples = iterations_;
  rules.max_samples = std::max(rules.max_samples, iterations_);
  rules.min_ns = static_cast<int64_t>(std::min(duration_s_, 86'400.0) * 1e9);
  rules.max_ns = std::max(rules.max_ns, rules.min_ns);
  rules.warmup_ns = static_cast<int64_t>(std::min(warmup_ms_, 3'600'000.0) * 1e6);
  rules.max_warmup_ns = std::max(rules.max_warmup_ns, rules.warmup_ns);
  return rules;
}

}  // namespace nitro::cli
