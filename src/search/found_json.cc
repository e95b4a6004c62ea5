#include <algorithm>

#include "search/search.h"

namespace nitro::search {
namespace {

Json comparison_json(const std::optional<measure::Comparison>& comparison) {
  if (!comparison) return {};
  Json all = measure::to_json(*comparison);
  Json json = Json::object();
  for (const char* key : {"speedup", "low", "high", "p_value", "verdict"}) json[key] = all[key];
  return json;
}

Json trial_json(const Trial& trial, const SearchOptions& options) {
  Json json = Json::object({{"number", trial.number},
                            {"description", description(options.space, trial.point)},
                            {"keeps_limits", keeps(options.limits, trial)}});
  const Json rest = to_json(trial);
  for (const auto& [key, value] : rest.members()) json[key] = value;
  return json;
}

/// What the winner loses by a step in each modality, above what it loses without.
Json cost_json(const Contribution& contribution, const Trial& winner) {
  Json json = Json::object();
  for (const Quality& without : contribution.without) {
    const auto with = std::ranges::find(winner.quality, without.modality, &Quality::modality);
    if (with != winner.quality.end()) json[without.modality] = with->loss() - without.loss();
  }
  return json;
}

}  // namespace

Json to_json(const Found& found, const SearchOptions& options) {
  Json trials = Json::array();
  for (const Trial& trial : found.trials) trials.push_back(trial_json(trial, options));
  Json front = Json::array();
  for (const Trial* trial : pareto_front(found.trials)) front.push_back(trial->number);
  Json finalists = Json::array();
  for (const Finalist& finalist : found.finalists) {
    finalists.push_back(Json::object(
        {{"number", finalist.number}, {"measured", comparison_json(finalist.against_original)}}));
  }
  Json ledger = Json::array();
  for (const Contribution& contribution : found.ledger) {
    ledger.push_back(Json::object({{"step", contribution.step},
                                   {"description", contribution.description},
                                   {"measured", comparison_json(contribution.against_without)},
                                   {"cost", cost_json(contribution, *found.winner)},
                                   {"note", contribution.note}}));
  }
  Json dropped = Json::array();
  for (const Dropped& each : found.dropped) {
    dropped.push_back(
        Json::object({{"step", each.step}, {"trials", each.trials}, {"why", each.why}}));
  }
  Json json = Json::object();
  json["sampler"] = options.study.sampler;
  json["optuna"] = found.sampler_version;
  json["seed"] = static_cast<int64_t>(options.study.seed);
  json["study"] = options.study.name;
  json["limits"] = to_json(options.limits);
  json["ended_by"] = found.ended_by;
  json["asked_again"] = found.again;
  json["seconds"] = found.seconds;
  json["evaluating_seconds"] = found.evaluating_seconds;
  json["overhead"] = found.seconds > 0 ? 1 - found.evaluating_seconds / found.seconds : 0.0;
  if (!found.fleet.is_null()) json["fleet"] = found.fleet;
  json["trials"] = std::move(trials);
  json["front"] = std::move(front);
  json["finalists"] = std::move(finalists);
  json["winner"] = found.winner ? Json(found.winner->number) : Json();
  json["ledger"] = std::move(ledger);
  json["dropped"] = std::move(dropped);
  return json;
}

}  // namespace nitro::search
