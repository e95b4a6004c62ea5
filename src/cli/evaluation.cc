#include "cli/evaluation.h"

#include <algorithm>
#include <chrono>

#include "base/file.h"
#include "base/shell_line.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/torch_metrics.h"
#include "eval/against_reference.h"
#include "eval/embeddings_folder.h"
#include "eval/result_json.h"
#include "measure/environment.h"
#include "optimize/result_document.h"
#include "runner/board_notes.h"

namespace nitro::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kBetweenPhases{2};
constexpr size_t kNamedDamages = 20;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Says how far it is, now and then.
class Pace {
 public:
  Pace(Console& console, size_t scenes, size_t images_a_scene)
      : console_(console), scenes_(scenes), images_a_scene_(images_a_scene) {}

  void operator()(size_t done) {
    done_ = done;
    if (Clock::now() - shown_ < kBetweenPhases) return;
    shown_ = Clock::now();
    console_.phase(fmt::format("{} of {} scenes, {:.1f} images/s", done, scenes_, rate()));
  }
  double rate() const {
    return static_cast<double>(done_ * images_a_scene_) / std::max(1e-9, seconds_since(start_));
  }

 private:
  Console& console_;
  size_t scenes_;
  size_t images_a_scene_;
  size_t done_ = 0;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = start_;
};

Result<eval::LoadedCalls> load(runner::Runner& runner, const EvalModel& model,
                               const optimize::RunSetup& setup) {
  runner::LoadOptions options = setup.load;
  options.shapes.clear();
  const Graph& graph = model.opened.model.graph;
  for (ValueId input : graph.inputs())
    options.shapes[graph.value(input).name] = graph.type(input).shape;
  const runner::LoadedModel loaded =
      TRY(in_context(runner.load(model.file, options), display(model.opened.source)));
  return eval::LoadedCalls{loaded.handle, model.calls};
}

/// What came of it, from which the document is made.
struct Measured {
  runner::RunnerInfo info;
  eval::Embedded embedded;
  double images_per_s = 0;
};

Result<Measured> embed_all(Console& console, const EvaluationOptions& options) {
  const auto chosen = eval::choose_samples(options.data, options.limit, options.seed);
  console.phase("loading the model");
  runner::Runner runner = TRY(optimize::start_interruptible_runner(options.setup));
  std::vector<eval::LoadedCalls> models = {TRY(load(runner, options.model, options.setup))};
  if (options.reference && options.reference->model)
    models.push_back(TRY(load(runner, *options.reference->model, options.setup)));
  Pace pace(console, chosen.size(), options.data.modalities.size() * models.size());
  eval::SceneOptions embed;
  embed.skip_damaged = options.skip_damaged;
  embed.threads = static_cast<size_t>(std::max(1, measure::read_environment().usable_processors));
  embed.interrupted = options.setup.interrupted;
  embed.progress = [&pace](size_t done) { pace(done); };
  console.phase(fmt::format("embedding {} scenes", chosen.size()));
  Measured measured{runner.info(), TRY(eval::embed(options.data, chosen, models, runner, embed)),
                    0};
  measured.images_per_s = pace.rate();
  if (!measured.embedded.interrupted) TRY(runner.bye());
  if (measured.embedded.samples.empty() && measured.embedded.interrupted)
    return fail(ErrorCode::kInterrupted, "interrupted before the first scene was embedded");
  if (measured.embedded.samples.empty()) return std::unexpected(measured.embedded.damaged[0]);
  return measured;
}

std::vector<std::string> scene_ids(const EvaluationOptions& options, const Measured& measured) {
  std::vector<std::string> ids;
  for (size_t sample : measured.embedded.samples) ids.push_back(options.data.samples[sample].id);
  return ids;
}

/// Beside a second model: decisions, and cosines.
std::vector<eval::AgainstReference> against_model(const EvaluationOptions& options,
                                                  const Measured& measured,
                                                  const std::vector<eval::Metrics>& metrics) {
  std::vector<eval::AgainstReference> result;
  for (size_t i = 0; i < metrics.size(); ++i) {
    const eval::Embeddings& ours = measured.embedded.models[0][i];
    const eval::Embeddings& theirs = measured.embedded.models[1][i];
    eval::AgainstReference against{options.data.modalities[i]};
    if (metrics[i].decisions) {
      against = eval::compare_decisions(against.modality, *metrics[i].decisions,
                                        *eval::metrics_of(theirs, options.task).decisions,
                                        options.accuracy);
    }
    if (ours.dim == theirs.dim) {
      against.fidelity = eval::fidelity_of(eval::row_cosines(ours, theirs), options.accuracy.seed);
    }
    result.push_back(std::move(against));
  }
  return result;
}

/// Beside a stored result: decisions on the scenes of both.
Result<std::vector<eval::AgainstReference>> against_result(
    const EvaluationOptions& options, const Measured& measured,
    const std::vector<eval::Metrics>& metrics) {
  const eval::StoredResult& stored = *options.reference->result;
  const auto shared =
      TRY(in_context(eval::shared_scenes(scene_ids(options, measured), options.task, stored),
                     display(options.reference->source)));
  std::vector<eval::AgainstReference> result;
  for (size_t i = 0; i < metrics.size(); ++i) {
    const std::string& modality = options.data.modalities[i];
    const auto theirs = stored.modalities.find(modality);
    if (theirs == stored.modalities.end()) {
      result.push_back({modality});
      continue;
    }
    result.push_back(
        eval::compare_decisions(modality, eval::at_places(*metrics[i].decisions, shared.here),
                                eval::at_places(theirs->second, shared.there), options.accuracy));
  }
  return result;
}

/// The numbers of TorchMetrics, which must be ours.
Result<std::string> check_by_torch(const EvaluationOptions& options, const Measured& measured,
                                   const Json& modalities) {
  const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-metrics"));
  TRY(eval::write_embeddings(scratch.path(), options.data, measured.embedded, options.task));
  const Json theirs = TRY(torch_metrics(scratch.path(), options.setup.python));
  for (size_t i = 0; i < modalities.size(); ++i) {
    const Json& ours = modalities.items()[i];
    const Json& other =
        i < theirs.at("modalities").size() ? theirs.at("modalities").items()[i] : Json();
    const std::string& place = options.data.modalities[i];
    TRY(check_equal(ours.at("numbers"), other.at("numbers"), display(place, 60)));
    if (const Json& cosine = ours.at("reference").at("cosine"); cosine.is_object())
      TRY(check_equal(cosine.at("mean"), other.at("cosine_mean"), display(place, 60) + " cosine"));
  }
  return theirs.at("version").as_string();
}

Json damages_json(const std::vector<Error>& damaged) {
  Json list = Json::array();
  for (size_t i = 0; i < std::min(damaged.size(), kNamedDamages); ++i)
    list.push_back(damaged[i].text());
  return list;
}

Json data_json(const EvaluationOptions& options, const Measured& measured) {
  return Json::object({{"source", options.data_source.native()},
                       {"modalities", Json::array_of(options.data.modalities)},
                       {"classes", options.data.classes.size()},
                       {"scenes", options.data.samples.size()},
                       {"evaluated", measured.embedded.samples.size()},
                       {"limit", options.limit},
                       {"seed", static_cast<int64_t>(options.seed)},
                       {"notes", Json::array_of(options.data.notes)},
                       {"damaged", measured.embedded.damaged.size()},
                       {"damages", damages_json(measured.embedded.damaged)}});
}

Json reference_json(const std::optional<Reference>& reference) {
  if (!reference) return {};
  return Json::object(
      {{"source", reference->source},
       {"model", reference->model ? optimize::model_json(reference->model->opened) : Json()}});
}

const std::vector<std::string>& classes_of(const EvaluationOptions& options) {
  return options.task.classes.empty() ? options.data.classes : options.task.classes;
}

Json document_of(const EvaluationOptions& options, const Measured& measured, Json modalities) {
  const bool interrupted = measured.embedded.interrupted;
  const measure::Environment environment = measure::read_environment();
  std::vector<measure::QualityNote> notes;
  if (interrupted) notes.push_back({measure::QualityCode::kInterrupted, ""});
  Json json = Json::object({{"schema_version", 1}, {"kind", "eval"}});
  json["interrupted"] = interrupted;
  json["nitro_version"] = kVersion;
  json["created"] = optimize::utc_now();
  json["command"] = Json::array_of(options.command);
  json["model"] = optimize::model_json(options.model.opened);
  json["reference"] = reference_json(options.reference);
  json["runner"] = optimize::runner_json(measured.info, options.setup);
  json["precision"] = options.setup.precision;
  json["environment"] = optimize::environment_json(environment);
  json["data"] = data_json(options, measured);
  json["scores"] = options.task.text ? "cosine" : options.task.classes.empty() ? "none" : "output";
  json["margin"] = options.accuracy.margin;
  json["images_per_s"] = measured.images_per_s;
  json["checked_by"] = Json();
  json["modalities"] = std::move(modalities);
  json["classes"] = Json::array_of(classes_of(options));
  json["scenes"] = Json::array_of(scene_ids(options, measured));
  json["labels"] = Json::array_of(options.task.labels);
  json["quality_notes"] = measure::to_json(notes);
  json["reproduce"] = Json::array({shell_line(options.command)});
  return json;
}

/// The labels of the embedded scenes among the candidates.
std::vector<size_t> labels_of(const EvaluationOptions& options, const Measured& measured) {
  std::vector<size_t> labels;
  const std::vector<std::string>& candidates = classes_of(options);
  for (size_t sample : measured.embedded.samples) {
    const std::string& name = options.data.classes[options.data.samples[sample].label];
    labels.push_back(static_cast<size_t>(std::ranges::find(candidates, name) - candidates.begin()));
  }
  return labels;
}

}  // namespace

Result<Json> evaluate(Console& console, EvaluationOptions options) {
  const Measured measured = TRY(embed_all(console, options));
  options.task.labels = labels_of(options, measured);
  console.phase("computing the metrics");
  std::vector<eval::Metrics> metrics;
  Json modalities = Json::array();
  std::vector<Json> rows;
  for (size_t i = 0; i < options.data.modalities.size(); ++i) {
    const eval::Embeddings& images = measured.embedded.models[0][i];
    if (!options.task.classes.empty() && !options.task.text &&
        images.dim != options.task.classes.size()) {
      return fail(ErrorCode::kUsage, "the model gives {} scores for {} classes", images.dim,
                  options.task.classes.size());
    }
    metrics.push_back(eval::metrics_of(images, options.task));
    rows.push_back(eval::modality_json(options.data.modalities[i], metrics[i], options.task));
    rows.back()["reference"] = Json();
  }
  if (options.reference) {
    auto against = options.reference->model ? against_model(options, measured, metrics)
                                            : TRY(against_result(options, measured, metrics));
    eval::judge_all(against, options.accuracy);
    for (size_t i = 0; i < rows.size(); ++i) rows[i]["reference"] = eval::to_json(against[i]);
  }
  modalities = Json::array(std::move(rows));
  if (!options.embeddings.empty()) {
    TRY(eval::write_embeddings(options.embeddings, options.data, measured.embedded, options.task));
  }
  std::string version;
  if (options.torch_metrics) {
    console.phase("checking the metrics with TorchMetrics");
    version = TRY(check_by_torch(options, measured, modalities));
  }
  Json document = document_of(options, measured, std::move(modalities));
  if (!version.empty()) document["checked_by"] = "torchmetrics " + version;
  return document;
}

}  // namespace nitro::cli
