#include "search/run_trial.h"

#include <algorithm>
#include <chrono>

namespace nitro::search {
namespace {

using Clock = std::chrono::steady_clock;

/// Quick measurements of two trials, minutes apart, may differ by this without a reason.
constexpr double kDrift = 0.03;

void take_over(Trial& trial, const Trial& earlier) {
  trial.same_as = earlier.same_as.value_or(earlier.number);
  trial.latency = earlier.latency;
  trial.quality = earlier.quality;
  trial.all_images = earlier.all_images;
  trial.stopped = earlier.stopped;
}

const Trial* same_model(const Trial& trial, const std::vector<Trial>& earlier) {
  const auto found = std::ranges::find_if(earlier, [&](const Trial& other) {
    return other.error.empty() && other.model_sha256 == trial.model_sha256 &&
           (other.complete() || !other.stopped.empty());
  });
  return found == earlier.end() ? nullptr : &*found;
}

const Trial* same_recipe(const Trial& trial, const std::vector<Trial>& earlier) {
  const auto found = std::ranges::find(earlier, trial.recipe, &Trial::recipe);
  return found == earlier.end() ? nullptr : &*found;
}

Result<void> measure(Trial& trial, const optimize::Recipe& recipe, Evaluator& evaluator,
                     const TrialRules& rules) {
  if (const Trial* same = same_recipe(trial, rules.earlier)) {
    trial.model_sha256 = same->model_sha256;
    trial.memory_bytes = same->memory_bytes;
    trial.error = same->error;
    take_over(trial, *same);
    return {};
  }
  const Candidate candidate = TRY(evaluator.make(recipe));
  trial.model_sha256 = candidate.sha256;
  trial.memory_bytes = candidate.memory_bytes;
  if (const Trial* same = same_model(trial, rules.earlier)) {
    take_over(trial, *same);
    return {};
  }
  const auto hopeless = [&] {
    trial.stopped = surely_beyond(rules.limits, trial);
    return !trial.stopped.empty();
  };
  if (hopeless()) return {};
  trial.latency = TRY(evaluator.latency(candidate));
  if (hopeless()) return {};
  const Trial* best = rules.stop_slow ? fastest(rules.earlier, rules.limits) : nullptr;
  if (best && trial.latency->low > (1 + kDrift) * best->latency->high) {
    trial.stopped = fmt::format("surely slower than trial {}", best->number);
    return {};
  }
  trial.quality = TRY(evaluator.quality(candidate, Images::kFew));
  if (hopeless()) return {};
  trial.quality = TRY(evaluator.quality(candidate, Images::kAll));
  trial.all_images = true;
  return {};
}

}  // namespace

bool is_of_candidate(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInterrupted:
    case ErrorCode::kUsage:
    case ErrorCode::kEnvironment:
    case ErrorCode::kInputOutput:
      return false;
    default:
      return true;
  }
}

const Trial* fastest(const std::vector<Trial>& trials, const Limits& limits) {
  const Trial* best = nullptr;
  for (const Trial& trial : trials) {
    if (!keeps(limits, trial)) continue;
    if (!best || trial.latency->value < best->latency->value) best = &trial;
  }
  return best;
}

Result<void> run_trial(Trial& trial, const optimize::Recipe& recipe, Evaluator& evaluator,
                       const TrialRules& rules) {
  const Clock::time_point start = Clock::now();
  const Result<void> measured = measure(trial, recipe, evaluator, rules);
  trial.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (!measured && !is_of_candidate(measured.error())) return measured;
  if (!measured) trial.error = measured.error().text();
  return {};
}

}  // namespace nitro::search
