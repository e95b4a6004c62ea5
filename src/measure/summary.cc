#include "measure/summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "measure/autocorrelation.h"
#include "measure/median.h"
#include "measure/percentile.h"

namespace nitro::measure {
namespace {

constexpr double kNoiseLimit = 0.01;

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

std::optional<double> number(const Json& json) {
  if (!json.is_number()) return std::nullopt;
  return json.as_number();
}

Json to_json(const Modes& modes) {
  Json json = Json::object();
  json["fast_ns"] = modes.fast_ns;
  json["slow_ns"] = modes.slow_ns;
  json["slow_share"] = modes.slow_share;
  return json;
}

Result<void> check(const Samples& samples) {
  if (samples.ns.empty()) return fail(ErrorCode::kRunnerFailed, "the run has no samples");
  for (size_t i = 0; i < samples.ns.size(); ++i) {
    if (!std::isfinite(samples.ns[i]) || samples.ns[i] <= 0) {
      return fail(ErrorCode::kRunnerFailed, "sample {} is {} ns, not a positive time", i,
                  samples.ns[i]);
    }
  }
  return {};
}

void add_notes(Summary& summary, const Samples& samples) {
  const auto add = [&](QualityCode code, std::string detail) {
    summary.notes.push_back({code, std::move(detail)});
  };
  if (!summary.low_ns) {
    add(QualityCode::kFewSamples, fmt::format("{} samples", summary.n));
  } else {
    const double half = (*summary.high_ns - *summary.low_ns) / (2 * summary.median_ns);
    if (half > kNoiseLimit) {
      add(QualityCode::kNoiseAboveLimit, fmt::format("half-width {:.1f} %", 100 * half));
    }
  }
  if (is_autocorrelated(samples.ns)) {
    add(QualityCode::kAutocorrelated,
        fmt::format("lag-1 correlation {:.2f}", summary.autocorrelation));
  }
  if (summary.modes) {
    add(QualityCode::kBimodal,
        fmt::format("{:.4g} ms and {:.4g} ms, {:.0f} % in the slower",
                    summary.modes->fast_ns * 1e-6, summary.modes->slow_ns * 1e-6,
                    100 * summary.modes->slow_share));
  }
  if (summary.discarded > 0) {
    add(QualityCode::kDiscardedSamples, fmt::format("{} samples", summary.discarded));
  }
  if (summary.stop_reason == StopReason::kInterrupted) {
    add(QualityCode::kInterrupted, fmt::format("after {} samples", summary.n));
  }
}

}  // namespace

Result<Summary> summarize(const Samples& samples, std::optional<StopReason> stop_reason) {
  TRY(check(samples));
  const std::vector<double>& ns = samples.ns;
  Summary summary;
  summary.median_ns = median(ns);
  if (const auto interval = median_interval(ns)) {
    summary.low_ns = interval->low;
    summary.high_ns = interval->high;
  }
  summary.p90_ns = percentile(ns, 0.90);
  summary.p99_ns = percentile(ns, 0.99);
  summary.min_ns = *std::ranges::min_element(ns);
  summary.mad_ns = median_absolute_deviation(ns);
  summary.iqr_ns = interquartile_range(ns);
  summary.mean_ns = std::accumulate(ns.begin(), ns.end(), 0.0) / static_cast<double>(ns.size());
  summary.n = static_cast<int64_t>(ns.size());
  summary.stop_reason = stop_reason;
  summary.cold_first_ns = samples.cold_first_ns;
  summary.discarded = samples.discarded;
  summary.autocorrelation = lag1_autocorrelation(ns);
  summary.modes = find_modes(ns);
  add_notes(summary, samples);
  return summary;
}

Json to_json(const Summary& summary) {
  Json json = Json::object();
  json["median_ns"] = summary.median_ns;
  json["low_ns"] = or_null(summary.low_ns);
  json["high_ns"] = or_null(summary.high_ns);
  json["p90_ns"] = or_null(summary.p90_ns);
  json["p99_ns"] = or_null(summary.p99_ns);
  json["min_ns"] = summary.min_ns;
  json["mad_ns"] = summary.mad_ns;
  json["iqr_ns"] = summary.iqr_ns;
  json["mean_ns"] = summary.mean_ns;
  json["n"] = summary.n;
  json["stop_reason"] = summary.stop_reason ? Json(name(*summary.stop_reason)) : Json();
  json["cold_first_ns"] = or_null(summary.cold_first_ns);
  json["discarded"] = summary.discarded;
  json["autocorrelation"] = summary.autocorrelation;
  json["modes"] = summary.modes ? to_json(*summary.modes) : Json();
  return json;
}

Result<Summary> summary_from_json(const Json& json) {
  for (const char* key :
       {"median_ns", "min_ns", "mad_ns", "iqr_ns", "mean_ns", "autocorrelation"}) {
    if (!json.at(key).is_number()) return fail(ErrorCode::kBadFile, "a summary without '{}'", key);
  }
  Summary summary;
  summary.median_ns = json.at("median_ns").as_number();
  summary.n = json.at("n").as_integer();
  if (!(summary.median_ns > 0) || summary.n < 1) {
    return fail(ErrorCode::kBadFile, "a summary of {} samples with median {} ns", summary.n,
                summary.median_ns);
  }
  summary.low_ns = number(json.at("low_ns"));
  summary.high_ns = number(json.at("high_ns"));
  summary.p90_ns = number(json.at("p90_ns"));
  summary.p99_ns = number(json.at("p99_ns"));
  summary.min_ns = json.at("min_ns").as_number();
  summary.mad_ns = json.at("mad_ns").as_number();
  summary.iqr_ns = json.at("iqr_ns").as_number();
  summary.mean_ns = json.at("mean_ns").as_number();
  summary.stop_reason = stop_reason(json.at("stop_reason").as_string());
  summary.cold_first_ns = number(json.at("cold_first_ns"));
  summary.discarded = json.at("discarded").as_integer();
  summary.autocorrelation = json.at("autocorrelation").as_number();
  if (const Json& modes = json.at("modes"); modes.is_object()) {
    summary.modes = Modes{modes.at("fast_ns").as_number(), modes.at("slow_ns").as_number(),
                          modes.at("slow_share").as_number()};
  }
  return summary;
}

}  // namespace nitro::measure
