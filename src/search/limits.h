#pragma once

#include <map>
#include <optional>
#include <string>

#include "optimize/accuracy_limits.h"
#include "search/trial.h"

namespace nitro::search {

/// What a winner must keep.
struct Limits {
  optimize::AccuracyLimits accuracy = {};  // in every modality
  std::optional<double> max_latency_ns = {};
  std::optional<double> max_memory_bytes = {};
};

/// How far what is known of `trial` is beyond each limit, by the limit's name; above 0: it is.
std::map<std::string, double> violations(const Limits& limits, const Trial& trial);

/// Whether a complete trial keeps all limits, as measured.
bool keeps(const Limits& limits, const Trial& trial);

/// Why the intervals of what is known of `trial` leave no hope that it keeps the limits; "" where
/// there is hope.
std::string surely_beyond(const Limits& limits, const Trial& trial);

Json to_json(const Limits& limits);

}  // namespace nitro::search
