#include "search/finals.h"

#include <algorithm>

#include "base/text.h"

namespace nitro::search {
namespace {

bool has(const SpaceStep& step, const Trial& trial) {
  const auto chosen = trial.point.find(step.name);
  return !step.optional || (chosen != trial.point.end() && chosen->second == kOn);
}

/// The space and the point of `winner` without the step at `place`.
Result<optimize::Recipe> recipe_without(size_t place, const Trial& winner,
                                        const FinalsOptions& options) {
  Space rest = options.space;
  rest.steps[place].optional = true;
  Point point = winner.point;
  point.erase(rest.steps[place].name);
  return recipe_of(rest, point, options.standard);
}

/// Of the step at `place` alone.
std::string description_of(size_t place, const Trial& winner, const FinalsOptions& options) {
  const Space alone{{options.space.steps[place]}};
  return alone.steps[0].standard ? "the exact passes" : description(alone, winner.point);
}

/// Made without one step each; what cannot be made is noted.
struct Without {
  std::vector<Contribution> contributions;
  std::vector<Candidate> candidates;  // the winner first
  std::vector<size_t> of;             // the contribution of each of the others
};

Result<Without> make_without(const Trial& winner, Evaluator& evaluator,
                             const FinalsOptions& options) {
  Without made;
  made.candidates.push_back(
      TRY(evaluator.make(TRY(recipe_of(options.space, winner.point, options.standard)))));
  for (size_t place = 0; place < options.space.steps.size(); ++place) {
    if (!has(options.space.steps[place], winner)) continue;
    Contribution contribution{options.space.steps[place].name,
                              description_of(place, winner, options)};
    auto candidate = evaluator.make(TRY(recipe_without(place, winner, options)));
    if (!candidate && !is_of_candidate(candidate.error()))
      return std::unexpected(candidate.error());
    if (!candidate) {
      contribution.note = "the rest cannot do without it: " + candidate.error().text();
    } else if (candidate->sha256 == made.candidates[0].sha256) {
      contribution.note = "changes nothing";
    } else {
      made.of.push_back(made.contributions.size());
      made.candidates.push_back(*std::move(candidate));
    }
    made.contributions.push_back(std::move(contribution));
  }
  return made;
}

const Trial* start_of(const std::vector<Trial>& trials) {
  const auto found = std::ranges::find_if(
      trials, [](const Trial& trial) { return trial.varied && trial.varied->step.empty(); });
  return found == trials.end() ? nullptr : &*found;
}

/// Why a step alone was not good enough, by its trials of the sensitivity.
std::string why_dropped(const std::vector<const Trial*>& with, const Trial* start,
                        const FinalsOptions& options) {
  if (with.empty()) return "never tried";
  const auto all = [&](auto condition) {
    return std::ranges::all_of(with, [&](const Trial* trial) { return condition(*trial); });
  };
  if (all([](const Trial& trial) { return !trial.error.empty(); }))
    return "cannot be applied: " + with[0]->error;
  std::vector<const Trial*> alone;
  for (const Trial* trial : with)
    if (trial->varied && trial->latency) alone.push_back(trial);
  if (alone.empty() || !start || !start->latency) return "no faster recipe has it";
  if (std::ranges::all_of(
          alone, [&](const Trial* trial) { return trial->model_sha256 == start->model_sha256; })) {
    return "changes nothing in this model";
  }
  const Trial* fastest = *std::ranges::min_element(
      alone, {}, [](const Trial* trial) { return trial->latency->value; });
  const double speedup = start->latency->value / fastest->latency->value;
  const bool beyond = std::ranges::none_of(alone, [&](const Trial* trial) {
    return trial->stopped.empty() && keeps(options.limits, *trial);
  });
  if (speedup < 1) return fmt::format("alone not faster: {:.3f}x at best", speedup);
  if (beyond) return fmt::format("beyond the limits even alone, at {:.3f}x", speedup);
  return fmt::format("alone up to {:.3f}x, but the fastest recipe is without it", speedup);
}

}  // namespace

Result<std::vector<Finalist>> finals(Evaluator& evaluator, const FinalsOptions& options) {
  std::vector<const Trial*> best;
  for (const Trial& trial : options.trials)
    if (keeps(options.limits, trial) && !trial.same_as) best.push_back(&trial);
  std::ranges::stable_sort(best, {}, [](const Trial* trial) { return trial->latency->value; });
  if (best.size() > options.most) best.resize(options.most);
  if (best.empty()) return std::vector<Finalist>();
  options.phase(fmt::format("measuring the {} fastest beside the original", best.size()));
  std::vector<Candidate> candidates = {TRY(evaluator.make({}))};
  for (const Trial* trial : best) {
    candidates.push_back(
        TRY(evaluator.make(TRY(recipe_of(options.space, trial->point, options.standard)))));
  }
  const auto medians = TRY(evaluator.side_by_side(candidates));
  std::vector<Finalist> result;
  for (size_t i = 0; i < best.size(); ++i) {
    const auto comparison = TRY(measure::compare({medians[0], medians[i + 1]}));
    result.push_back({best[i]->number, comparison});
  }
  std::ranges::stable_sort(result, std::ranges::greater(), [](const Finalist& finalist) {
    return finalist.against_original.speedup;
  });
  return result;
}

Result<std::vector<Contribution>> explain(const Trial& winner, Evaluator& evaluator,
                                          const FinalsOptions& options) {
  options.phase("leaving out each rewrite of the winner");
  Without made = TRY(make_without(winner, evaluator, options));
  if (made.of.empty()) return made.contributions;
  const auto medians = TRY(evaluator.side_by_side(made.candidates));
  for (size_t i = 0; i < made.of.size(); ++i) {
    Contribution& contribution = made.contributions[made.of[i]];
    contribution.against_without = TRY(measure::compare({medians[i + 1], medians[0]}));
    contribution.without = TRY(evaluator.quality(made.candidates[i + 1], Images::kAll));
  }
  return made.contributions;
}

std::vector<Dropped> dropped_steps(const Trial& winner, const FinalsOptions& options) {
  std::vector<Dropped> result;
  const Trial* start = start_of(options.trials);
  for (const SpaceStep& step : options.space.steps) {
    if (has(step, winner)) continue;
    std::vector<const Trial*> with;
    for (const Trial& trial : options.trials)
      if (has(step, trial)) with.push_back(&trial);
    result.push_back({step.name, std::ssize(with), why_dropped(with, start, options)});
  }
  return result;
}

}  // namespace nitro::search
