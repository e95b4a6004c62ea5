#include "search/trial.h"

#include <algorithm>
#include <cmath>

namespace nitro::search {
namespace {

Json to_json(const std::optional<Estimate>& estimate) {
  if (!estimate) return {};
  return Json::object(
      {{"value", estimate->value}, {"low", estimate->low}, {"high", estimate->high}});
}

Result<std::optional<Estimate>> estimate(const Json& json, std::string_view key) {
  const Json& found = json.at(key);
  if (found.is_null()) return std::optional<Estimate>();
  for (const char* part : {"value", "low", "high"}) {
    if (!found.at(part).is_number())
      return fail(ErrorCode::kBadFile, "a stored trial has no number in {}.{}", key, part);
  }
  return Estimate{found.at("value").as_number(), found.at("low").as_number(),
                  found.at("high").as_number()};
}

Result<std::vector<Quality>> qualities(const Json& json) {
  std::vector<Quality> result;
  for (const Json& item : json.items()) {
    Quality quality{item.at("modality").as_string(), item.at("images").as_integer()};
    quality.accuracy = TRY(estimate(item, "accuracy"));
    quality.drop = TRY(estimate(item, "drop"));
    quality.cosine = TRY(estimate(item, "cosine"));
    result.push_back(std::move(quality));
  }
  return result;
}

/// What a trial is judged by; all of it is to be small.
std::vector<double> costs(const Trial& trial) {
  std::vector<double> result = {trial.latency->value, trial.memory_bytes.value_or(0)};
  for (const Quality& quality : trial.quality) result.push_back(quality.loss());
  return result;
}

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size() || a == b) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i] > b[i]) return false;
  return true;
}

}  // namespace

double worst_loss(const std::vector<Quality>& quality) {
  double worst = quality.empty() ? 0 : quality[0].loss();
  for (const Quality& each : quality) worst = std::max(worst, each.loss());
  return worst;
}

Json to_json(const std::optional<Varied>& varied) {
  if (!varied) return {};
  return Json::object(
      {{"step", varied->step}, {"parameter", varied->parameter}, {"value", varied->value}});
}

std::optional<Varied> varied_from_json(const Json& json) {
  if (!json.is_object()) return {};
  return Varied{json.at("step").as_string(), json.at("parameter").as_string(),
                json.at("value").as_string()};
}

Json to_json(const std::optional<Device>& device) {
  if (!device) return {};
  return Json::object({{"name", device->name},
                       {"original_ns", device->original_ns ? Json(*device->original_ns) : Json()}});
}

std::optional<Device> device_from_json(const Json& json) {
  if (!json.is_object()) return {};
  Device device{json.at("name").as_string()};
  if (json.contains("original_ns")) device.original_ns = json.at("original_ns").as_number();
  return device;
}

Json to_json(const std::vector<Quality>& quality) {
  Json list = Json::array();
  for (const Quality& each : quality) {
    list.push_back(Json::object({{"modality", each.modality},
                                 {"images", each.images},
                                 {"accuracy", to_json(each.accuracy)},
                                 {"drop", to_json(each.drop)},
                                 {"cosine", to_json(each.cosine)}}));
  }
  return list;
}

Json to_json(const Trial& trial) {
  return Json::object({{"varied", to_json(trial.varied)},
                       {"recipe", trial.recipe},
                       {"model_sha256", trial.model_sha256},
                       {"same_as", trial.same_as ? Json(*trial.same_as) : Json()},
                       {"latency_ns", to_json(trial.latency)},
                       {"memory_bytes", trial.memory_bytes ? Json(*trial.memory_bytes) : Json()},
                       {"modalities", to_json(trial.quality)},
                       {"all_images", trial.all_images},
                       {"stopped", trial.stopped},
                       {"error", trial.error},
                       {"seconds", trial.seconds},
                       {"device", to_json(trial.device)}});
}

Result<Trial> trial_from_json(const Json& json) {
  Trial trial;
  trial.varied = varied_from_json(json.at("varied"));
  trial.recipe = json.at("recipe").as_string();
  trial.model_sha256 = json.at("model_sha256").as_string();
  if (json.contains("same_as")) trial.same_as = json.at("same_as").as_integer();
  trial.latency = TRY(estimate(json, "latency_ns"));
  if (json.contains("memory_bytes")) trial.memory_bytes = json.at("memory_bytes").as_number();
  trial.quality = TRY(qualities(json.at("modalities")));
  trial.all_images = json.at("all_images").as_bool();
  trial.stopped = json.at("stopped").as_string();
  trial.error = json.at("error").as_string();
  trial.seconds = json.at("seconds").as_number();
  trial.device = device_from_json(json.at("device"));
  return trial;
}

std::vector<const Trial*> pareto_front(const std::vector<Trial>& trials) {
  std::vector<std::pair<std::vector<double>, const Trial*>> complete;
  for (const Trial& trial : trials)
    if (trial.complete() && !trial.same_as) complete.emplace_back(costs(trial), &trial);
  std::vector<const Trial*> front;
  for (const auto& [cost, trial] : complete) {
    const bool beaten = std::ranges::any_of(
        complete, [&](const auto& other) { return dominates(other.first, cost); });
    if (!beaten) front.push_back(trial);
  }
  std::ranges::stable_sort(front, {}, [](const Trial* trial) { return trial->latency->value; });
  return front;
}

}  // namespace nitro::search
