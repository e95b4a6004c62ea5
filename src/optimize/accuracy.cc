#include "optimize/accuracy.h"

#include "eval/result_json.h"
#include "optimize/changed_answers.h"

namespace nitro::optimize {
namespace {

constexpr size_t kExamples = 12;

Json examples_json(const Accuracy& accuracy, const eval::TestSet& set) {
  Json list = Json::array();
  for (const ChangedAnswer& answer :
       changed_answers(accuracy.baseline, accuracy.optimized, kExamples)) {
    const eval::Sample& sample = set.data.samples[accuracy.embedded.samples[answer.scene]];
    const auto decided = [&](const std::vector<eval::Metrics>& metrics) {
      return metrics[answer.modality].decisions->decided[answer.scene];
    };
    list.push_back(Json::object({{"scene", answer.scene},
                                 {"modality", set.data.modalities[answer.modality]},
                                 {"label", accuracy.task.labels[answer.scene]},
                                 {"baseline", decided(accuracy.baseline)},
                                 {"optimized", decided(accuracy.optimized)},
                                 {"image", thumbnail_json(sample.files[answer.modality])}}));
  }
  return list;
}

Json modalities_json(const Accuracy& accuracy) {
  Json list = Json::array();
  for (size_t i = 0; i < accuracy.against.size(); ++i) {
    const std::string& modality = accuracy.against[i].modality;
    Json optimized = eval::modality_json(modality, accuracy.optimized[i], accuracy.task);
    optimized["reference"] = eval::to_json(accuracy.against[i]);
    list.push_back(Json::object(
        {{"modality", modality},
         {"baseline", eval::modality_json(modality, accuracy.baseline[i], accuracy.task)},
         {"optimized", std::move(optimized)}}));
  }
  return list;
}

}  // namespace

Result<Accuracy> judge_accuracy(const ModelToEmbed& original, const ModelToEmbed& rewritten,
                                const eval::TestSet& set, const AccuracyLimits& limits,
                                const RunSetup& setup,
                                const std::function<void(const std::string&)>& phase) {
  EmbeddedModels made = TRY(embed_models({original, rewritten}, set, setup, phase));
  Accuracy accuracy{eval::labelled(set, made.embedded), std::move(made.embedded),
                    made.images_per_s};
  accuracy.baseline = TRY(eval::metrics_of_model(accuracy.embedded, 0, accuracy.task));
  accuracy.optimized = TRY(eval::metrics_of_model(accuracy.embedded, 1, accuracy.task));
  accuracy.against = eval::compare_models(set, accuracy.embedded, 1, 0, accuracy.task);
  for (size_t i = 0; i < accuracy.against.size(); ++i) {
    const auto checks = check_modality(limits, accuracy.optimized[i], accuracy.against[i]);
    accuracy.limits.insert(accuracy.limits.end(), checks.begin(), checks.end());
  }
  return accuracy;
}

Json to_json(const Accuracy& accuracy, const eval::TestSet& set) {
  Json limits = Json::array();
  for (const LimitCheck& check : accuracy.limits) limits.push_back(to_json(check));
  return Json::object({{"data", eval::data_json(set, accuracy.embedded)},
                       {"scores", eval::scores_word(accuracy.task)},
                       {"margin", set.accuracy.margin},
                       {"images_per_s", accuracy.images_per_s},
                       {"modalities", modalities_json(accuracy)},
                       {"limits", std::move(limits)},
                       {"classes", Json::array_of(set.classes())},
                       {"scenes", Json::array_of(eval::scene_ids(set, accuracy.embedded))},
                       {"labels", Json::array_of(accuracy.task.labels)},
                       {"examples", examples_json(accuracy, set)}});
}

}  // namespace nitro::optimize
