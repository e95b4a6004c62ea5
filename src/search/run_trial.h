#pragma once

#include "search/evaluator.h"
#include "search/limits.h"

namespace nitro::search {

/// What a trial is held against.
struct TrialRules {
  const Limits& limits;
  const std::vector<Trial>& earlier;
  /// Ends a trial that is surely slower than the fastest of `earlier` that keeps the limits.
  bool stop_slow = false;
};

/// Makes and measures the model of `recipe` and fills in `trial`, cheapest first: the model and its
/// memory, the latency, the quality on few images, and on all; ends as soon as the intervals leave
/// no hope. A recipe or model that an earlier trial had already has the numbers of that. Fails only
/// with what ends a search.
Result<void> run_trial(Trial& trial, const optimize::Recipe& recipe, Evaluator& evaluator,
                       const TrialRules& rules);

/// The fastest that keeps the limits, or nullptr.
const Trial* fastest(const std::vector<Trial>& trials, const Limits& limits);

}  // namespace nitro::search
