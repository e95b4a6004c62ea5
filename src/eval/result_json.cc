#include "eval/result_json.h"

#include <map>

#include "measure/wilson.h"

namespace nitro::eval {
namespace {

Json share_json(int64_t hits, int64_t images) {
  const measure::ShareInterval interval = measure::wilson_interval(hits, images);
  return Json::object(
      {{"images", images}, {"hits", hits}, {"low", interval.low}, {"high", interval.high}});
}

Json classes_json(const Decisions& decisions, const Task& task) {
  std::vector<std::pair<int64_t, int64_t>> counts(task.classes.size());  // hits, images
  for (size_t i = 0; i < task.labels.size(); ++i) {
    counts[task.labels[i]].first += decisions.right(i) ? 1 : 0;
    ++counts[task.labels[i]].second;
  }
  Json list = Json::array();
  for (const auto& [hits, images] : counts) list.push_back(share_json(hits, images));
  return list;
}

/// [true class, decided class, images] of what was decided wrongly.
Json confusion_json(const Decisions& decisions, const Task& task) {
  std::map<std::pair<size_t, int64_t>, int64_t> counts;
  for (size_t i = 0; i < task.labels.size(); ++i) {
    if (!decisions.right(i)) ++counts[{task.labels[i], decisions.decided[i]}];
  }
  Json list = Json::array();
  for (const auto& [pair, images] : counts)
    list.push_back(Json::array({pair.first, pair.second, images}));
  return list;
}

}  // namespace

Json modality_json(const std::string& modality, const Metrics& metrics, const Task& task) {
  Json json = Json::object({{"modality", modality}, {"numbers", numbers_json(metrics, task)}});
  json["without_direction"] = metrics.without_direction;
  json["reference"] = Json();
  for (const char* key : {"top1", "top5", "classes", "confusion", "decided", "rank"})
    json[key] = Json();
  if (!metrics.decisions) return json;
  const Decisions& decisions = *metrics.decisions;
  const auto images = std::ssize(task.labels);
  json["top1"] = share_json(decisions.within(1), images);
  json["top5"] = share_json(decisions.within(5), images);
  json["classes"] = classes_json(decisions, task);
  json["confusion"] = confusion_json(decisions, task);
  json["decided"] = Json::array_of(decisions.decided);
  json["rank"] = Json::array_of(decisions.rank);
  return json;
}

}  // namespace nitro::eval
