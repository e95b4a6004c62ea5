#include "search/search.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "base/text.h"
#include "search/own_device.h"
#include "search/sensitivity.h"
#include "search/timed_evaluator.h"

namespace nitro::search {
namespace {

using Clock = std::chrono::steady_clock;

/// After as many proposals in a row that are known already, a space has nothing new.
constexpr int kKnownInARow = 25;
/// Quick measurements of two trials, minutes apart, may differ by this without a reason, and those
/// of two devices by what one of them gains more than the other.
constexpr double kDrift = 0.03;
constexpr double kDriftBetweenDevices = 0.1;
/// Where all of the first trials fail, it is not for their recipes.
constexpr size_t kFirst = 5;

class Session {
 public:
  Session(const SearchOptions& options, Evaluator& evaluator, Sampler& sampler, Devices& devices)
      : options_(options), evaluator_(evaluator), sampler_(sampler), devices_(devices) {}

  Result<Found> run() {
    TRY(open());
    for (const SensitivityPoint& point : first_)
      TRY(sampler_.enqueue(point.point, Json::object({{"varied", to_json(point.varied)}})));
    while (true) {
      while (has_room() && !over()) TRY(begin_one());
      if (found_.ended_by == "interrupted" || under_way_.empty()) break;
      TRY(take_one());
    }
    found_.fleet = TRY(devices_.close());
    TRY(sampler_.close());
    TRY(finish());
    found_.seconds = elapsed();
    found_.evaluating_seconds = waited_ + evaluator_.seconds();
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

  bool knows_sensitivity() const {
    return static_cast<size_t>(std::ranges::count_if(found_.trials, [](const Trial& trial) {
             return trial.varied.has_value();
           })) >= first_.size();
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

  bool has_room() const {
    return under_way_.size() < devices_.count() && twins_.size() < devices_.count();
  }

  /// Whether nothing more is to be begun, for now.
  bool over() {
    if (options_.interrupted()) {
      found_.ended_by = "interrupted";
    } else if (std::ssize(recipes_) + std::ssize(under_way_) >= options_.trials) {
      found_.ended_by = "trials";
    } else if (elapsed() >= options_.seconds) {
      found_.ended_by = "time";
    } else if (known_in_a_row_ >= kKnownInARow) {
      if (!under_way_.empty()) return true;  // after which there may be something new
      found_.ended_by = "exhausted";
    }
    return !found_.ended_by.empty();
  }

  Result<void> begin_one() {
    if (!joined_ && knows_sensitivity()) {
      TRY(enqueue_joined());
      joined_ = true;
    }
    const Proposal proposal = TRY(sampler_.ask());
    Trial trial{proposal.number, varied_from_json(proposal.attributes.at("varied")),
                proposal.point};
    const optimize::Recipe recipe = TRY(recipe_of(options_.space, trial.point, options_.standard));
    trial.recipe = optimize::to_toml(recipe);
    say(trial);
    if (take_over(trial, found_.trials)) return end(std::move(trial));
    if (std::ranges::any_of(
            under_way_, [&](const auto& other) { return other.second.recipe == trial.recipe; })) {
      twins_.push_back(std::move(trial));
      return {};
    }
    TRY(devices_.begin(trial.number, recipe, rules_for(trial)));
    under_way_.emplace(trial.number, std::move(trial));
    return {};
  }

  TrialRules rules_for(const Trial& trial) const {
    TrialRules rules{options_.limits};
    for (const Trial& each : found_.trials)
      if (each.measured()) rules.known.insert(each.model_sha256);
    if (trial.varied || both_objectives()) return rules;
    const double drift = devices_.count() > 1 ? kDriftBetweenDevices : kDrift;
    if (const Trial* best = fastest(found_.trials, options_.limits))
      rules.to_beat = ToBeat{best->number, (1 + drift) * best->latency->high};
    return rules;
  }

  /// Waits a while for a trial that is over. Interrupted, what is under way is asked again in the
  /// next session.
  Result<void> take_one() {
    const Clock::time_point start = Clock::now();
    auto next = devices_.next();
    waited_ += std::chrono::duration<double>(Clock::now() - start).count();
    const bool ended = !next && next.error().code == ErrorCode::kInterrupted;
    if (ended || options_.interrupted()) found_.ended_by = "interrupted";
    if (ended) return {};
    if (!next) return std::unexpected(next.error());
    if (!*next) return {};
    Trial& trial = **next;
    const auto begun = under_way_.extract(trial.number);
    trial.varied = begun.mapped().varied;
    trial.point = begun.mapped().point;
    take_over(trial, found_.trials);
    const std::string recipe = trial.recipe;
    TRY(end(std::move(trial)));
    for (Trial& twin : std::exchange(twins_, {})) {
      if (twin.recipe == recipe) {
        take_over(twin, found_.trials);
        TRY(end(std::move(twin)));
      } else {
        twins_.push_back(std::move(twin));
      }
    }
    return {};
  }

  Result<void> end(Trial trial) {
    TRY(sampler_.tell(trial.number, outcome_of(trial)));
    add(std::move(trial));
    return check_first();
  }

  void say(const Trial& trial) const {
    const Trial* best = fastest(found_.trials, options_.limits);
    const std::string so_far =
        best ? fmt::format(", best {:.2f} ms", best->latency->value / 1e6) : "";
    options_.phase(fmt::format("trial {} of {}{}: {}", recipes_.size() + under_way_.size() + 1,
                               options_.trials, so_far,
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
  TimedEvaluator evaluator_;  // of the final few
  Sampler& sampler_;
  Devices& devices_;
  const Clock::time_point start_ = Clock::now();
  const std::vector<SensitivityPoint> first_ = sensitivity_points(options_.space);
  bool joined_ = false;
  std::map<int64_t, Trial> under_way_;  // by number
  std::vector<Trial> twins_;            // of recipes that are under way
  double waited_ = 0;                   // seconds
  Study study_;
  Found found_;
  std::set<std::string> recipes_;
  int known_in_a_row_ = 0;
};

}  // namespace

Result<Found> search(const SearchOptions& options, Evaluator& evaluator, Sampler& sampler,
                     Devices& devices) {
  return Session(options, evaluator, sampler, devices).run();
}

Result<Found> search(const SearchOptions& options, Evaluator& evaluator, Sampler& sampler) {
  OwnDevice here(evaluator);
  return search(options, evaluator, sampler, here);
}

}  // namespace nitro::search
