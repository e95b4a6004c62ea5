#include "search/run_trial.h"

#include <algorithm>
#include <chrono>

namespace nitro::search {
namespace {

using Clock = std::chrono::steady_clock;

const Trial* same_recipe(const Trial& trial, const std::vector<Trial>& earlier) {
  const auto found = std::ranges::find(earlier, trial.recipe, &Trial::recipe);
  return found == earlier.end() ? nullptr : &*found;
}

const Trial* same_model(const Trial& trial, const std::vector<Trial>& earlier) {
  const auto found = std::ranges::find_if(earlier, [&](const Trial& other) {
    return other.measured() && other.model_sha256 == trial.model_sha256;
  });
  return found == earlier.end() ? nullptr : &*found;
}

Result<void> measure(Trial& trial, const optimize::Recipe& recipe, Evaluator& evaluator,
                     const TrialRules& rules) {
  const Candidate candidate = TRY(evaluator.make(recipe));
  trial.model_sha256 = candidate.sha256;
  trial.memory_bytes = candidate.memory_bytes;
  if (rules.known.contains(candidate.sha256)) return {};
  const auto hopeless = [&] {
    trial.stopped = surely_beyond(rules.limits, trial);
    return !trial.stopped.empty();
  };
  if (hopeless()) return {};
  trial.latency = TRY(evaluator.latency(candidate));
  if (hopeless()) return {};
  if (rules.to_beat && trial.latency->low > rules.to_beat->latency_ns) {
    trial.stopped = fmt::format("surely slower than trial {}", rules.to_beat->number);
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

bool take_over(Trial& trial, const std::vector<Trial>& earlier) {
  const Trial* same = same_recipe(trial, earlier);
  if (!same && trial.error.empty()) same = same_model(trial, earlier);
  if (!same) return false;
  trial.same_as = same->same_as.value_or(same->number);
  trial.model_sha256 = same->model_sha256;
  trial.memory_bytes = same->memory_bytes;
  trial.latency = same->latency;
  trial.quality = same->quality;
  trial.all_images = same->all_images;
  trial.stopped = same->stopped;
  trial.error = same->error;
  return true;
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
