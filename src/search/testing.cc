#include "search/testing.h"

#include "base/sha256.h"
#include "optimize/standard_recipe.h"
#include "search/trial_request.h"

namespace nitro::search {

MadeUpEvaluator::MadeUpEvaluator(std::function<Made(const Passes&)> model)
    : model_(std::move(model)) {}

Result<Candidate> MadeUpEvaluator::make(const optimize::Recipe& recipe) {
  ++made;
  Passes passes;
  for (const optimize::Step& step : recipe.steps)
    if (!optimize::is_clean_up(step)) passes[step.pass] = step.parameters;
  const Made model = model_(passes);
  if (!model.error.empty()) return fail(ErrorCode::kBadModel, "{}", model.error);
  Candidate candidate{recipe};
  candidate.sha256 = to_hex(sha256(fmt::format("{} {}", model.latency_ns, model.drop)));
  candidate.memory_bytes = model.latency_ns;
  by_digest_[candidate.sha256] = model;
  return candidate;
}

Result<Estimate> MadeUpEvaluator::latency(const Candidate& candidate) {
  TRY(before_timing(++timed));
  const double ns = by_digest_.at(candidate.sha256).latency_ns;
  return Estimate{ns, 0.995 * ns, 1.005 * ns};
}

Result<std::vector<Quality>> MadeUpEvaluator::quality(const Candidate& candidate, Images images) {
  ++(images == Images::kFew ? looked_few : looked_all);
  const double width = images == Images::kFew ? 0.02 : 0.005;
  std::vector<Quality> result;
  for (const auto& [modality, factor] : {std::pair{"rgb", 1.0}, std::pair{"depth", 2.0}}) {
    const double drop = factor * by_digest_.at(candidate.sha256).drop;
    result.push_back({modality, images == Images::kFew ? 100 : 1000,
                      Estimate{0.8 - drop, 0.8 - drop - width, 0.8 - drop + width},
                      Estimate{drop, drop - width, drop + width},
                      Estimate{1 - drop, 1 - drop - width, 1 - drop + width}});
  }
  return result;
}

Result<std::vector<std::vector<double>>> MadeUpEvaluator::side_by_side(
    const std::vector<Candidate>& candidates) {
  std::vector<std::vector<double>> medians;
  for (const Candidate& candidate : candidates) {
    medians.emplace_back();
    for (int i = 0; i < 7; ++i)
      medians.back().push_back(by_digest_.at(candidate.sha256).latency_ns * (1 + 1e-4 * i));
  }
  return medians;
}

Result<void> MadeUpDevices::begin(int64_t number, const optimize::Recipe& recipe,
                                  const TrialRules& rules) {
  under_way_.push_back(trial_request(number, optimize::to_toml(recipe), rules));
  limits_ = rules.limits;
  most = std::max(most, under_way_.size());
  return {};
}

Result<std::optional<Trial>> MadeUpDevices::next() {
  nothing_ = !nothing_;
  if (nothing_) return std::optional<Trial>();
  const auto chosen = under_way_.begin() + random_.below(std::ssize(under_way_));
  const Json request = *chosen;
  under_way_.erase(chosen);
  return TRY(requested_trial(request, limits_, evaluator_));
}

Result<OpenedStudy> RandomSampler::open(const Study& study) {
  dimensions_ = study.dimensions;
  OpenedStudy opened{"random"};
  for (const auto& [proposal, outcome] : told)
    opened.trials.push_back({proposal.number, proposal.point, outcome.attributes});
  return opened;
}

Result<void> RandomSampler::enqueue(const Point& point, const Json& attributes) {
  const bool known =
      std::ranges::any_of(told, [&](const auto& trial) { return trial.first.point == point; });
  if (!known) waiting_.push_back({next_++, point, attributes});
  return {};
}

Point RandomSampler::random_point() {
  Point point;
  for (const Dimension& dimension : dimensions_) {
    const auto when = point.find(dimension.when);
    if (!dimension.when.empty() && (when == point.end() || when->second != kOn)) continue;
    point[dimension.name] = dimension.value(random_.below(dimension.size()));
  }
  return point;
}

Result<Proposal> RandomSampler::ask() {
  Proposal proposal{next_, random_point()};
  if (waiting_.empty()) {
    ++next_;
  } else {
    proposal = waiting_.front();
    waiting_.erase(waiting_.begin());
  }
  running_[proposal.number] = proposal;
  return proposal;
}

Result<void> RandomSampler::tell(int64_t number, const Outcome& outcome) {
  told.emplace_back(running_.at(number), outcome);
  running_.erase(number);
  return {};
}

}  // namespace nitro::search
