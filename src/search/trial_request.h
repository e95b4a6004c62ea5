#pragma once

#include "search/run_trial.h"

namespace nitro::search {

/// A trial as a worker is asked for it.
Json trial_request(int64_t number, const std::string& recipe, const TrialRules& rules);

/// Measures the trial that `request` asks for; limits are those of the search. kUsage or kBadRecipe
/// on what is no request, else as run_trial().
Result<Trial> requested_trial(const Json& request, const Limits& limits, Evaluator& evaluator);

}  // namespace nitro::search
