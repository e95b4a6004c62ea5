#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "measure/environment.h"
#include "measure/roof.h"
#include "optimize/ablation.h"
#include "optimize/frame.h"
#include "profile/profile.h"

namespace nitro::optimize {

/// A measured way to compute the frame: samples of all repetitions and the profile of one call.
struct MeasuredModel {
  FrameSamples samples;
  profile::Profile profile;
};

/// The median of the repetitions' medians with its interval; of all samples where there are fewer
/// than six repetitions.
Json summary_json(const FrameSamples& samples);
double median_of(const FrameSamples& samples);
/// The medians of the repetitions.
std::vector<double> repetition_medians(const FrameSamples& samples);

/// The time now as 2026-01-31T12:00:00Z.
std::string utc_now();

// The parts of docs/result.schema.json.
Json to_json(const MeasuredModel& model);
Json to_json(const LedgerEntry& entry);
Json model_json(const zoo::OpenedModel& opened);
Json workload_json(const Workload& workload);
Json runner_json(const runner::RunnerInfo& info, const RunSetup& setup);
Json environment_json(const measure::Environment& environment);
Json roofs_json(const measure::Roofs& roofs, int threads);
/// Bytes of L1, L2 and L3 that `threads` threads have together.
std::vector<int64_t> usable_cache_bytes(const measure::Environment& environment, int threads);

}  // namespace nitro::optimize
