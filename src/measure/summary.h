#pragma once

#include <optional>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "measure/bimodality.h"
#include "measure/quality_note.h"
#include "measure/samples.h"
#include "measure/stop_reason.h"

namespace nitro::measure {

/// What is reported of the samples of one run. Times in nanoseconds.
struct Summary {
  double median_ns = 0;
  /// 95 % interval of the median; nothing below 6 samples.
  std::optional<double> low_ns = {};
  std::optional<double> high_ns = {};
  /// Nothing where there are too few samples to bound them (29 and 299).
  std::optional<double> p90_ns = {};
  std::optional<double> p99_ns = {};
  double min_ns = 0;
  double mad_ns = 0;
  double iqr_ns = 0;
  double mean_ns = 0;
  int64_t n = 0;
  std::optional<StopReason> stop_reason = {};
  std::optional<double> cold_first_ns = {};
  int64_t discarded = 0;
  double autocorrelation = 0;
  std::optional<Modes> modes = {};
  /// What the samples themselves say against the numbers above.
  std::vector<QualityNote> notes = {};
};

/// Fails with kRunnerFailed where there are no samples, or one is not positive and finite.
Result<Summary> summarize(const Samples& samples, std::optional<StopReason> stop_reason = {});

/// {"median_ns", "low_ns", "high_ns", "p90_ns", "p99_ns", "min_ns", "mad_ns", "iqr_ns", "mean_ns",
/// "n", "stop_reason", "cold_first_ns", "discarded", "autocorrelation", "modes"}; null where
/// unknown. The notes are left to the result that holds the summary.
Json to_json(const Summary& summary);

/// Reads what to_json() writes, without notes. Fails with kBadFile.
Result<Summary> summary_from_json(const Json& json);

}  // namespace nitro::measure
