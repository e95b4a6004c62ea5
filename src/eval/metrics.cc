#include "eval/metrics.h"

#include <algorithm>

namespace nitro::eval {
namespace {

Json share(int64_t hits, size_t count) {
  return count == 0 ? Json() : Json(static_cast<double>(hits) / static_cast<double>(count));
}

Json class_shares(const Decisions& decisions, const Task& task) {
  std::vector<int64_t> hits(task.classes.size());
  std::vector<size_t> counts(task.classes.size());
  for (size_t i = 0; i < task.labels.size(); ++i) {
    ++counts[task.labels[i]];
    hits[task.labels[i]] += decisions.right(i) ? 1 : 0;
  }
  Json list = Json::array();
  for (size_t k = 0; k < counts.size(); ++k) list.push_back(share(hits[k], counts[k]));
  return list;
}

Scores scores_of(const Embeddings& images, const Task& task) {
  return task.text ? cosine_scores(images, *task.text) : direct_scores(images);
}

}  // namespace

Decisions decisions_of(const Embeddings& images, const Task& task) {
  return decide(scores_of(images, task), task.labels);
}

Metrics metrics_of(const Embeddings& images, const Task& task) {
  Metrics metrics;
  for (size_t i = 0; i < images.rows(); ++i)
    metrics.without_direction += inverse_length(images.row(i)) > 0 ? 0 : 1;
  if (task.classes.empty()) return metrics;
  const Scores scores = scores_of(images, task);
  metrics.decisions = decide(scores, task.labels);
  if (!task.text) return metrics;
  metrics.text = retrieve_text(*metrics.decisions);
  metrics.images = retrieve_images(scores, task.labels);
  metrics.clip_score = clip_score(scores, task.labels);
  return metrics;
}

std::vector<double> row_cosines(const Embeddings& a, const Embeddings& b) {
  std::vector<double> cosines;
  for (size_t i = 0; i < a.rows(); ++i) cosines.push_back(cosine(a.row(i), b.row(i)));
  return cosines;
}

Json numbers_json(const Metrics& metrics, const Task& task) {
  Json json = Json::object();
  const size_t images = task.labels.size();
  const Decisions* decisions = metrics.decisions ? &*metrics.decisions : nullptr;
  json["top1"] = decisions ? share(decisions->within(1), images) : Json();
  json["top5"] = decisions ? share(decisions->within(5), images) : Json();
  json["class_top1"] = decisions ? class_shares(*decisions, task) : Json();
  json["text_found"] = metrics.text ? Json::array_of(metrics.text->found) : Json();
  json["images_found"] = metrics.images ? Json::array_of(metrics.images->found) : Json();
  json["images_recall"] = metrics.images ? Json::array_of(metrics.images->recall) : Json();
  json["clip_score"] = metrics.clip_score ? Json(*metrics.clip_score) : Json();
  return json;
}

}  // namespace nitro::eval
