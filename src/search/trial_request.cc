#include "search/trial_request.h"

namespace nitro::search {

Json trial_request(int64_t number, const std::string& recipe, const TrialRules& rules) {
  Json to_beat;
  if (rules.to_beat) {
    to_beat = Json::object(
        {{"number", rules.to_beat->number}, {"latency_ns", rules.to_beat->latency_ns}});
  }
  return Json::object({{"number", number},
                       {"recipe", recipe},
                       {"known", Json::array_of(rules.known)},
                       {"to_beat", std::move(to_beat)}});
}

Result<Trial> requested_trial(const Json& request, const Limits& limits, Evaluator& evaluator) {
  if (!request.at("number").is_integer() || !request.at("recipe").is_string())
    return fail(ErrorCode::kUsage, "a trial needs a number and a recipe");
  Trial trial{request.at("number").as_integer()};
  trial.recipe = request.at("recipe").as_string();
  TrialRules rules{limits};
  for (const Json& digest : request.at("known").items()) rules.known.insert(digest.as_string());
  const Json& to_beat = request.at("to_beat");
  if (to_beat.is_object() && to_beat.at("latency_ns").is_number()) {
    rules.to_beat = ToBeat{to_beat.at("number").as_integer(), to_beat.at("latency_ns").as_number()};
  }
  const optimize::Recipe recipe = TRY(optimize::recipe_from_toml(trial.recipe));
  TRY(run_trial(trial, recipe, evaluator, rules));
  return trial;
}

}  // namespace nitro::search
