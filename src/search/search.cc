#include "search/search.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "base/text.h"
#include "search/run_trial.h"
#include "search/sensitivity.h"
#include "search/timed_evaluator.h"

namespace nitro::search {
namespace {

using Clock = std::chrono::steady_clock;

/// After as many proposals in a row that are known already, a space has nothing new.
constexpr int kKnownInARow = 25;
/// Where all of the first trials fail, it is not for their recipes.
constexpr size_t kFirst = 5;

class Session {
 public:
  Session(const SearchOptions& options, Evaluator& evaluator, Sampler& sampler)
      : options_(options), evaluator_(evaluator), sampler_(sampler) {}

  Result<Found> run() {
    TRY(open());
    const std::vector<SensitivityPoint> first = sensitivity_points(options_.space);
    for (const SensitivityPoint& point : first)
      TRY(sampler_.enqueue(point.point, Json::object({{"varied", to_json(point.varied)}})));
    bool joined = false;
    while (!over()) {
      if (!joined && knows_sensitivity(first.size())) {
        TRY(enqueue_joined());
        joined = true;
      }
      if (!TRY(try_one())) break;
    }
    TRY(sampler_.close());
    TRY(finish());
    found_.seconds = elapsed();
    found_.evaluating_seconds = evaluator_.seconds();
    return std::move(found_);
  }

 private:
  double elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  Result<void> open() {
    study_ = options_.study;
    study_.dimensions = options_.space.dimensions();
    study_.objectives = {"latency_ns"};
    if (both_objectives()) study_.objectives.emplace_back("worst_loss");
    OpenedStudy opened = TRY(sampler_.open(study_));
    found_.sampler_version = opened.version;
    found_.again = opened.again;
    for (StoredTrial& stored : opened.trials) {
      // One that was under way when its session ended has been asked again.
      if (!stored.attributes.contains("trial")) continue;
      Trial trial = TRY(trial_from_json(stored.attributes.at("trial")));
      trial.number = stored.number;
      trial.point = std::move(stored.point);
      add(std::move(trial));
    }
    return {};
  }

  bool knows_sensitivity(size_t points) const {
    return static_cast<size_t>(std::ranges::count_if(found_.trials, [](const Trial& trial) {
             return trial.varied.has_value();
           })) >= points;
  }

  /// What helped alone, together, before the sampler looks further.
  Result<void> enqueue_joined() {
    for (const Point& point : joined_points(options_.space, found_.trials, options_.limits))
      TRY(sampler_.enqueue(point, Json::object({{"varied", to_json(std::optional<Varied>())}})));
    return {};
  }

  bool both_objectives() const { return study_.sampler == "nsga2"; }

  void add(Trial trial) {
    const bool is_new = recipes_.insert(trial.recipe).second;
    known_in_a_row_ = is_new ? 0 : known_in_a_row_ + 1;
    found_.trials.push_back(std::move(trial));
  }

  bool over() {
    if (options_.interrupted()) {
      found_.ended_by = "interrupted";
    } else if (std::ssize(recipes_) >= options_.trials) {
      found_.ended_by = "trials";
    } else if (elapsed() >= options_.seconds) {
      found_.ended_by = "time";
    } else if (known_in_a_row_ >= kKnownInARow) {
      found_.ended_by = "exhausted";
    }
    return !found_.ended_by.empty();
  }

  /// False where it was interrupted: the trial is then asked again in the next session.
  Result<bool> try_one() {
    const Proposal proposal = TRY(sampler_.ask());
    Trial trial{proposal.number, varied_from_json(proposal.attributes.at("varied")),
                proposal.point};
    const optimize::Recipe recipe = TRY(recipe_of(options_.space, trial.point, options_.standard));
    trial.recipe = optimize::to_toml(recipe);
    say(trial);
    const TrialRules rules{options_.limits, found_.trials, !trial.varied && !both_objectives()};
    const Result<void> tried = run_trial(trial, recipe, evaluator_, rules);
    if (!tried && tried.error().code == ErrorCode::kInterrupted) {
      found_.ended_by = "interrupted";
      return false;
    }
    if (!tried) return std::unexpected(tried.error());
    TRY(sampler_.tell(trial.number, outcome_of(trial)));
    add(std::move(trial));
    TRY(check_first());
    return true;
  }

  void say(const Trial& trial) const {
    const Trial* best = fastest(found_.trials, options_.limits);
    const std::string so_far =
        best ? fmt::format(", best {:.2f} ms", best->latency->value / 1e6) : "";
    options_.phase(fmt::format("trial {} of {}{}: {}", recipes_.size() + 1, options_.trials, so_far,
                               display(description(options_.space, trial.point), 100)));
  }

  Outcome outcome_of(const Trial& trial) const {
    Outcome outcome;
    const bool has_values =
        trial.error.empty() && trial.latency && (!both_objectives() || !trial.quality.empty());
    if (has_values) outcome.values.push_back(trial.latency->value);
    if (has_values && both_objectives()) outcome.values.push_back(worst_loss(trial.quality));
    outcome.constraints = violations(options_.limits, trial);
    outcome.attributes = Json::object({{"recipe", trial.recipe}, {"trial", to_json(trial)}});
    outcome.attributes["seed"] = static_cast<int64_t>(study_.seed);
    for (const Json* known : {&study_.identity, &options_.versions})
      for (const auto& [key, value] : known->members()) outcome.attributes[key] = value;
    return outcome;
  }

  Result<void> check_first() const {
    if (found_.trials.size() != kFirst) return {};
    for (const Trial& trial : found_.trials)
      if (trial.error.empty()) return {};
    return fail(ErrorCode::kRunnerFailed, "the first {} trials all failed, the last one so: {}",
                kFirst, found_.trials.back().error);
  }

  /// Interrupted, there is no winner.
  Result<void> finish() {
    std::ranges::sort(found_.trials, {}, &Trial::number);
    if (found_.ended_by == "interrupted") return {};
    const Result<void> ended = choose();
    if (ended || ended.error().code != ErrorCode::kInterrupted) return ended;
    found_.winner.reset();
    found_.ended_by = "interrupted";
    return {};
  }

  Result<void> choose() {
    const FinalsOptions finals_options{options_.space, options_.standard,  options_.limits,
                                       found_.trials,  options_.finalists, options_.phase};
    found_.finalists = TRY(finals(evaluator_, finals_options));
    if (found_.finalists.empty()) return {};
    found_.winner = *std::ranges::find(found_.trials, found_.finalists[0].number, &Trial::number);
    found_.dropped = dropped_steps(*found_.winner, finals_options);
    found_.ledger = TRY(explain(*found_.winner, evaluator_, finals_options));
    return {};
  }

  const SearchOptions& options_;
  TimedEvaluator evaluator_;
  Sampler& sampler_;
  const Clock::time_point start_ = Clock::now();
  Study study_;
  Found found_;
  std::set<std::string> recipes_;
  int known_in_a_row_ = 0;
};

}  // namespace

Result<Found> search(const SearchOptions& options, Evaluator& evaluator, Sampler& sampler) {
  return Session(options, evaluator, sampler).run();
}

}  // namespace nitro::search
