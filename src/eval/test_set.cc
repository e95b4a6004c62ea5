#include "eval/test_set.h"

#include <algorithm>

namespace nitro::eval {
namespace {

constexpr size_t kNamedDamages = 20;

Json damages_json(const std::vector<Error>& damaged) {
  Json list = Json::array();
  for (size_t i = 0; i < std::min(damaged.size(), kNamedDamages); ++i)
    list.push_back(damaged[i].text());
  return list;
}

}  // namespace

PortOptions TestSet::ports() const {
  PortOptions options{data.modalities, pixels};
  if (task.text) options.dim = task.text->rows.dim;
  return options;
}

const std::vector<std::string>& TestSet::classes() const {
  return task.classes.empty() ? data.classes : task.classes;
}

std::vector<std::string> scene_ids(const TestSet& set, const Embedded& embedded) {
  std::vector<std::string> ids;
  for (size_t sample : embedded.samples) ids.push_back(set.data.samples[sample].id);
  return ids;
}

Task labelled(const TestSet& set, const Embedded& embedded) {
  Task task = set.task;
  const std::vector<std::string>& classes = set.classes();
  for (size_t sample : embedded.samples) {
    const std::string& name = set.data.classes[set.data.samples[sample].label];
    task.labels.push_back(static_cast<size_t>(std::ranges::find(classes, name) - classes.begin()));
  }
  return task;
}

Result<std::vector<Metrics>> metrics_of_model(const Embedded& embedded, size_t model,
                                              const Task& task) {
  std::vector<Metrics> metrics;
  for (const Embeddings& images : embedded.models[model]) {
    if (!task.classes.empty() && !task.text && images.dim != task.classes.size()) {
      return fail(ErrorCode::kUsage, "the model gives {} scores for {} classes", images.dim,
                  task.classes.size());
    }
    metrics.push_back(metrics_of(images, task));
  }
  return metrics;
}

std::vector<AgainstReference> compare_models(const TestSet& set, const Embedded& embedded,
                                             size_t model, size_t reference, const Task& task) {
  std::vector<AgainstReference> result;
  for (size_t i = 0; i < set.data.modalities.size(); ++i) {
    const Embeddings& ours = embedded.models[model][i];
    const Embeddings& theirs = embedded.models[reference][i];
    AgainstReference against{set.data.modalities[i]};
    if (!task.classes.empty()) {
      against = compare_decisions(against.modality, decisions_of(ours, task),
                                  decisions_of(theirs, task), set.accuracy);
    }
    if (ours.dim == theirs.dim)
      against.fidelity = fidelity_of(row_cosines(ours, theirs), set.accuracy.seed);
    result.push_back(std::move(against));
  }
  judge_all(result, set.accuracy);
  return result;
}

Json data_json(const TestSet& set, const Embedded& embedded) {
  return Json::object({{"source", set.source.native()},
                       {"modalities", Json::array_of(set.data.modalities)},
                       {"classes", set.data.classes.size()},
                       {"scenes", set.data.samples.size()},
                       {"evaluated", embedded.samples.size()},
                       {"limit", set.limit},
                       {"seed", static_cast<int64_t>(set.seed)},
                       {"notes", Json::array_of(set.data.notes)},
                       {"damaged", embedded.damaged.size()},
                       {"damages", damages_json(embedded.damaged)}});
}

std::string_view scores_word(const Task& task) {
  if (task.text) return "cosine";
  return task.classes.empty() ? "none" : "output";
}

}  // namespace nitro::eval
