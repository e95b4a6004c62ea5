#include "trace/trtexec_times.h"

#include <cmath>
#include <limits>

#include "trace/lenient_json.h"

namespace nitro::trace {
namespace {

/// Longer than anything that was ever measured.
constexpr double kMostMs = 1e9;

}  // namespace

Result<std::vector<InferenceTime>> parse_trtexec_times(const Json& json) {
  if (!json.is_array()) return fail(ErrorCode::kBadFile, "the times of trtexec are no array");
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::vector<InferenceTime> times;
  for (const Json& row : json.items()) {
    const InferenceTime time{lenient_number(row.at("startComputeMs"), kNone),
                             lenient_number(row.at("computeMs"), kNone)};
    // Not NaN either.
    if (!(std::abs(time.start_ms) < kMostMs) || !(time.compute_ms >= 0) ||
        time.compute_ms >= kMostMs) {
      return fail(ErrorCode::kBadFile,
                  "row {} of the times of trtexec has no startComputeMs and computeMs",
                  times.size());
    }
    times.push_back(time);
  }
  return times;
}

Result<std::vector<InferenceTime>> read_trtexec_times(const std::filesystem::path& path) {
  const Json json = TRY(read_lenient_json(path));
  return parse_trtexec_times(json);
}

}  // namespace nitro::trace
