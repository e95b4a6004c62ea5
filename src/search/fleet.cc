#include "search/fleet.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "search/trial_request.h"

namespace nitro::search {
namespace {

constexpr double kSeconds = 1;  // that next() waits at most

/// What a worker needs of our environment, whose own is that of its machine.
Json environment() {
  Json json = Json::object();
  const char* python = std::getenv("NITRO_PYTHON");
  if (python && *python) json["NITRO_PYTHON"] = python;
  return json;
}

}  // namespace

Result<Fleet> Fleet::start(const std::filesystem::path& python, std::string address) {
  Fleet fleet(TRY(AskedProcess::start(python, "nitro.fleet")), std::move(address));
  TRY(fleet.greet());
  return fleet;
}

Result<Fleet> Fleet::start(const runner::Command& command, std::string address) {
  Fleet fleet(TRY(AskedProcess::start(command, "fleet")), std::move(address));
  TRY(fleet.greet());
  return fleet;
}

Result<void> Fleet::greet() {
  const Json reply = TRY(process_.request("hello", Json::object({{"address", address_}})));
  version_ = reply.at("ray").as_string();
  return {};
}

Result<void> Fleet::open(FleetOptions options) {
  options_ = std::move(options);
  std::error_code error;
  take_count(TRY(process_.request(
      "open", Json::object({{"command", Json::array_of(options_.command)},
                            {"folder", std::filesystem::current_path(error).native()},
                            {"environment", environment()},
                            {"opening", options_.opening}}))));
  return {};
}

void Fleet::take_count(const Json& reply) {
  count_ = static_cast<size_t>(std::max<int64_t>(1, reply.at("devices").as_integer()));
}

Result<void> Fleet::begin(int64_t number, const optimize::Recipe& recipe, const TrialRules& rules) {
  recipes_[number] = optimize::to_toml(recipe);
  take_count(TRY(process_.request(
      "submit", Json::object({{"number", number},
                              {"request", trial_request(number, recipes_[number], rules)}}))));
  return {};
}

Result<std::optional<Trial>> Fleet::next() {
  const Json reply = TRY(process_.request("next", Json::object({{"seconds", kSeconds}})));
  take_count(reply);
  for (const Json& note : reply.at("notes").items()) options_.note(display(note.as_string(), 2000));
  const Json& over = reply.at("trial");
  if (over.is_null()) return std::optional<Trial>();
  const auto known = recipes_.find(over.at("number").as_integer(-1));
  if (known == recipes_.end()) return process_.give_up("next", "sent a trial that nobody wants");
  Trial trial;
  trial.error = display(over.at("error").as_string(), 2000);
  if (trial.error.empty() && !over.at("trial").is_object())
    return process_.give_up("next", "sent an empty trial");
  if (trial.error.empty()) trial = TRY(trial_from_json(over.at("trial")));
  trial.number = known->first;
  trial.recipe = std::move(known->second);
  trial.device = device_from_json(over.at("device"));
  recipes_.erase(known);
  return trial;
}

Result<Json> Fleet::close() {
  Json reply = TRY(process_.request("close", Json::object()));
  process_.end();
  return Json::object({{"address", address_},
                       {"ray", version_},
                       {"devices", reply.at("devices")},
                       {"retries", reply.at("retries")},
                       {"duplicates", reply.at("duplicates")}});
}

}  // namespace nitro::search
