#pragma once

#include <set>

#include "search/evaluator.h"
#include "search/limits.h"

namespace nitro::search {

/// A trial that is surely not faster than this may end early.
struct ToBeat {
  int64_t number = 0;
  double latency_ns = 0;
};

/// What a trial is held against.
struct TrialRules {
  const Limits& limits;
  std::set<std::string> known = {};  // digests of models that were measured already
  std::optional<ToBeat> to_beat = {};
};

/// Makes and measures the model of `recipe` and fills in `trial`, cheapest first: the model and its
/// memory, the latency, the quality on few images, and on all; ends as soon as the intervals leave
/// no hope, and where the model is known. Fails only with what ends a search.
Result<void> run_trial(Trial& trial, const optimize::Recipe& recipe, Evaluator& evaluator,
                       const TrialRules& rules);

/// Whether `trial` has the recipe or the model of an earlier one. Then it gets the numbers of that.
bool take_over(Trial& trial, const std::vector<Trial>& earlier);

/// The fastest that keeps the limits, or nullptr.
const Trial* fastest(const std::vector<Trial>& trials, const Limits& limits);

}  // namespace nitro::search
