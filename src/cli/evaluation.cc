#include "cli/evaluation.h"

#include "base/file.h"
#include "base/shell_line.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/torch_metrics.h"
#include "eval/embeddings_folder.h"
#include "eval/result_json.h"
#include "measure/environment.h"
#include "optimize/embed_models.h"
#include "optimize/result_document.h"
#include "runner/board_notes.h"

namespace nitro::cli {
namespace {

using optimize::EmbeddedModels;

Result<EmbeddedModels> embed_all(Console& console, const EvaluationOptions& options) {
  const auto to_embed = [](const EvalModel& model) {
    return optimize::ModelToEmbed{model.opened.source, model.file, model.calls};
  };
  std::vector<optimize::ModelToEmbed> models = {to_embed(options.model)};
  if (options.reference && options.reference->model)
    models.push_back(to_embed(*options.reference->model));
  return optimize::embed_models(models, options.set, options.setup,
                                [&](const std::string& phase) { console.phase(phase); });
}

/// Beside a stored result: decisions on the scenes of both.
Result<std::vector<eval::AgainstReference>> against_result(
    const EvaluationOptions& options, const eval::Embedded& embedded, const eval::Task& task,
    const std::vector<eval::Metrics>& metrics) {
  const eval::StoredResult& stored = *options.reference->result;
  const auto shared =
      TRY(in_context(eval::shared_scenes(eval::scene_ids(options.set, embedded), task, stored),
                     display(options.reference->source)));
  std::vector<eval::AgainstReference> result;
  for (size_t i = 0; i < metrics.size(); ++i) {
    const std::string& modality = options.set.data.modalities[i];
    const auto theirs = stored.modalities.find(modality);
    if (theirs == stored.modalities.end()) {
      result.push_back({modality});
      continue;
    }
    result.push_back(eval::compare_decisions(
        modality, eval::at_places(*metrics[i].decisions, shared.here),
        eval::at_places(theirs->second, shared.there), options.set.accuracy));
  }
  eval::judge_all(result, options.set.accuracy);
  return result;
}

/// The numbers of TorchMetrics, which must be ours.
Result<std::string> check_by_torch(const EvaluationOptions& options, const eval::Embedded& embedded,
                                   const eval::Task& task, const Json& modalities) {
  const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-metrics"));
  TRY(eval::write_embeddings(scratch.path(), options.set.data, embedded, task));
  const Json theirs = TRY(torch_metrics(scratch.path(), options.setup.python));
  for (size_t i = 0; i < modalities.size(); ++i) {
    const Json& ours = modalities.items()[i];
    const Json& other =
        i < theirs.at("modalities").size() ? theirs.at("modalities").items()[i] : Json();
    const std::string& place = options.set.data.modalities[i];
    TRY(check_equal(ours.at("numbers"), other.at("numbers"), display(place, 60)));
    if (const Json& cosine = ours.at("reference").at("cosine"); cosine.is_object())
      TRY(check_equal(cosine.at("mean"), other.at("cosine_mean"), display(place, 60) + " cosine"));
  }
  return theirs.at("version").as_string();
}

Json reference_json(const std::optional<Reference>& reference) {
  if (!reference) return {};
  return Json::object(
      {{"source", reference->source},
       {"model", reference->model ? optimize::model_json(reference->model->opened) : Json()}});
}

Json document_of(const EvaluationOptions& options, const EmbeddedModels& made,
                 const eval::Task& task, Json modalities) {
  const eval::Embedded& embedded = made.embedded;
  const measure::Environment environment = measure::read_environment();
  std::vector<measure::QualityNote> notes;
  if (embedded.interrupted) notes.push_back({measure::QualityCode::kInterrupted, ""});
  Json json = Json::object({{"schema_version", 1}, {"kind", "eval"}});
  json["interrupted"] = embedded.interrupted;
  json["nitro_version"] = kVersion;
  json["created"] = optimize::utc_now();
  json["command"] = Json::array_of(options.command);
  json["model"] = optimize::model_json(options.model.opened);
  json["reference"] = reference_json(options.reference);
  json["runner"] = optimize::runner_json(made.info, options.setup);
  json["precision"] = options.setup.precision;
  json["environment"] = optimize::environment_json(environment);
  json["data"] = eval::data_json(options.set, embedded);
  json["scores"] = eval::scores_word(task);
  json["margin"] = options.set.accuracy.margin;
  json["images_per_s"] = made.images_per_s;
  json["checked_by"] = Json();
  json["modalities"] = std::move(modalities);
  json["classes"] = Json::array_of(options.set.classes());
  json["scenes"] = Json::array_of(eval::scene_ids(options.set, embedded));
  json["labels"] = Json::array_of(task.labels);
  json["quality_notes"] = measure::to_json(notes);
  json["reproduce"] = Json::array({shell_line(options.command)});
  return json;
}

}  // namespace

Result<Json> evaluate(Console& console, const EvaluationOptions& options) {
  const EmbeddedModels made = TRY(embed_all(console, options));
  const eval::Embedded& embedded = made.embedded;
  const eval::Task task = eval::labelled(options.set, embedded);
  console.phase("computing the metrics");
  const std::vector<eval::Metrics> metrics = TRY(eval::metrics_of_model(embedded, 0, task));
  std::vector<Json> rows;
  for (size_t i = 0; i < metrics.size(); ++i)
    rows.push_back(eval::modality_json(options.set.data.modalities[i], metrics[i], task));
  if (options.reference) {
    const auto against = options.reference->model
                             ? eval::compare_models(options.set, embedded, 0, 1, task)
                             : TRY(against_result(options, embedded, task, metrics));
    for (size_t i = 0; i < rows.size(); ++i) rows[i]["reference"] = eval::to_json(against[i]);
  }
  Json modalities = Json::array(std::move(rows));
  if (!options.embeddings.empty())
    TRY(eval::write_embeddings(options.embeddings, options.set.data, embedded, task));
  std::string version;
  if (options.torch_metrics) {
    console.phase("checking the metrics with TorchMetrics");
    version = TRY(check_by_torch(options, embedded, task, modalities));
  }
  Json document = document_of(options, made, task, std::move(modalities));
  if (!version.empty()) document["checked_by"] = "torchmetrics " + version;
  return document;
}

}  // namespace nitro::cli
