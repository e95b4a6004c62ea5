#include "search/optuna_sampler.h"

namespace nitro::search {

Result<OptunaSampler> OptunaSampler::start(const std::filesystem::path& python,
                                           std::string storage) {
  return OptunaSampler(TRY(AskedProcess::start(python, "nitro.sampler")), std::move(storage));
}

Result<OptunaSampler> OptunaSampler::start(const runner::Command& command, std::string storage) {
  return OptunaSampler(TRY(AskedProcess::start(command, "sampler")), std::move(storage));
}

Result<OpenedStudy> OptunaSampler::open(const Study& study) {
  dimensions_ = study.dimensions;
  Json dimensions = Json::array();
  for (const Dimension& dimension : dimensions_) dimensions.push_back(to_json(dimension));
  const Json reply =
      TRY(process_.request("open", Json::object({{"storage", storage_},
                                                 {"study", study.name},
                                                 {"sampler", study.sampler},
                                                 {"seed", static_cast<int64_t>(study.seed)},
                                                 {"objectives", Json::array_of(study.objectives)},
                                                 {"dimensions", std::move(dimensions)},
                                                 {"identity", study.identity},
                                                 {"resume", study.resume}})));
  OpenedStudy opened{reply.at("optuna").as_string()};
  opened.again = reply.at("again").as_integer();
  if (opened.version.empty() || !reply.at("trials").is_array())
    return process_.give_up("open", "gave no version or no trials");
  for (const Json& trial : reply.at("trials").items()) {
    if (!trial.at("number").is_integer())
      return process_.give_up("open", "gave a trial without a number");
    Point point = TRY(point_from_json(trial.at("parameters"), dimensions_));
    opened.trials.push_back(
        {trial.at("number").as_integer(), std::move(point), trial.at("attributes")});
  }
  return opened;
}

Result<void> OptunaSampler::enqueue(const Point& point, const Json& attributes) {
  TRY(process_.request("enqueue", Json::object({{"parameters", to_json(point, dimensions_)},
                                                {"attributes", attributes}})));
  return {};
}

Result<Proposal> OptunaSampler::ask() {
  const Json reply = TRY(process_.request("ask", Json::object()));
  if (!reply.at("number").is_integer() || !reply.at("parameters").is_object())
    return process_.give_up("ask", "proposed nothing");
  Point point = TRY(point_from_json(reply.at("parameters"), dimensions_));
  return Proposal{reply.at("number").as_integer(), std::move(point), reply.at("attributes")};
}

Result<void> OptunaSampler::tell(int64_t number, const Outcome& outcome) {
  Json constraints = Json::object();
  for (const auto& [name, value] : outcome.constraints) constraints[name] = value;
  TRY(process_.request("tell",
                       Json::object({{"number", number},
                                     {"state", outcome.values.empty() ? "failed" : "complete"},
                                     {"values", Json::array_of(outcome.values)},
                                     {"constraints", std::move(constraints)},
                                     {"attributes", outcome.attributes}})));
  return {};
}

Result<void> OptunaSampler::close() {
  TRY(process_.request("close", Json::object()));
  process_.end();
  return {};
}

}  // namespace nitro::search
