#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace nitro::measure {

/// The raw samples of one run: one timed inference each (or a batch of identical ones, divided), in
/// the order taken. Nothing is ever removed from here because of its value.
struct Samples {
  /// Duration of each sample, nanoseconds.
  std::vector<double> ns = {};
  /// When each sample started, nanoseconds since the first; as long as `ns`, or empty if unknown.
  std::vector<int64_t> start_ns = {};
  /// The first inference after loading, which users feel and no median shows.
  std::optional<double> cold_first_ns = {};
  /// Samples left out for a recorded cause (throttling, an event of the system), never by value.
  int64_t discarded = 0;

  bool operator==(const Samples&) const = default;
};

/// {"ns": [...], "start_ns": [...], "cold_first_ns": x or null, "discarded": n}
Json to_json(const Samples& samples);

/// Reads what to_json() writes. Fails with kBadFile on a duration that is not positive and finite,
/// or on time stamps that do not match the durations.
Result<Samples> samples_from_json(const Json& json);

}  // namespace nitro::measure
