#pragma once

#include <functional>

#include "measure/compare.h"
#include "search/evaluator.h"
#include "search/limits.h"

namespace nitro::search {

/// One of the fastest trials, measured again beside the original model.
struct Finalist {
  int64_t number = 0;
  measure::Comparison against_original;
};

/// A step of the winner: what the winner has by it, beside the winner without it.
struct Contribution {
  std::string step;
  std::string description;                                  // with its parameters
  std::optional<measure::Comparison> against_without = {};  // faster: by this step
  std::vector<Quality> without = {};                        // quality of the winner without it
  std::string note = {};                                    // why that could not be measured
};

/// A step that the winner does not have.
struct Dropped {
  std::string step;
  int64_t trials = 0;  // that had it
  std::string why;
};

struct FinalsOptions {
  const Space& space;
  const optimize::Recipe& standard;  // the exact passes
  const Limits& limits;
  const std::vector<Trial>& trials;
  size_t most = 3;  // finalists
  std::function<void(const std::string&)> phase = [](const std::string&) {};
};

/// The fastest trials that keep the limits, each of another model, measured again side by side with
/// the original; the fastest first. Empty where none keeps them.
Result<std::vector<Finalist>> finals(Evaluator& evaluator, const FinalsOptions& options);

/// What each step of `winner` brings, by leaving it out.
Result<std::vector<Contribution>> explain(const Trial& winner, Evaluator& evaluator,
                                          const FinalsOptions& options);

/// The steps of the space that are not in `winner`, and what the trials that had them say.
std::vector<Dropped> dropped_steps(const Trial& winner, const FinalsOptions& options);

}  // namespace nitro::search
