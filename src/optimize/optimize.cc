#include "optimize/optimize.h"

#include <algorithm>

#include "base/shell_line.h"
#include "base/text.h"
#include "base/version.h"
#include "measure/roof_cache.h"
#include "onnx/export_model.h"
#include "optimize/ablation.h"
#include "optimize/explain_frame.h"
#include "optimize/predicted_frame.h"
#include "optimize/prove.h"
#include "optimize/result_document.h"
#include "optimize/standard_recipe.h"
#include "runner/board_notes.h"

namespace nitro::optimize {
namespace {

/// "swin" of "models/swin.onnx", "edgevl-swin-s" of "zoo:edgevl-swin-s".
std::string stem_of(const std::string& source) {
  const std::string name =
      source.starts_with("zoo:") ? source.substr(4) : std::filesystem::path(source).stem().native();
  return name.empty() ? "model" : name;
}

/// The phases of one optimisation and what they have found so far.
class Study {
 public:
  explicit Study(const OptimizeOptions& options)
      : options_(options),
        files_(output_files(options)),
        workload_{.modalities = options.modalities, .grey = options.grey, .seed = options.seed} {}

  Result<Optimized> run() {
    scratch_.emplace(TRY(ScratchFolder::create("nitro-optimize")));
    environment_ = measure::read_environment();
    options_.phase("opening the model");
    original_ = TRY(zoo::open_model(options_.source, scratch_->path(), options_.open));
    original_.file =
        TRY(zoo::runnable_file(original_, scratch_->path(), options_.open.import.limits));
    TRY(check_workload());
    if (options_.test_set) calls_ = TRY(calls_of(original_.model.graph));
    workload_.given = TRY(options_.given(workload_.frame_inputs(original_.model.graph)));
    info_ = TRY(start_runner(options_.setup)).info();
    notes_ = runner::machine_notes(info_, environment_);
    options_.phase("measuring the roofs of this machine");
    roofs_ = measure::machine_roofs();
    measure::merge(notes_, measure::quality_notes(roofs_));
    TRY(rewrite());
    TRY(predict_both());
    TRY(compare_end_to_end());
    TRY(prove_equal());
    TRY(judge());
    TRY(profile_both());
    return write();
  }

 private:
  bool interrupted() const { return options_.setup.interrupted(); }

  Result<void> check_workload() const {
    const size_t inputs = original_.model.graph.inputs().size();
    if (workload_.modalities.size() > 1 && inputs != 1) {
      return fail(ErrorCode::kUsage, "--modalities needs a model with one input, '{}' has {}",
                  options_.source, inputs);
    }
    return workload_.check_grey(original_.model.graph);
  }

  Result<void> rewrite() {
    const Recipe recipe = options_.recipe.value_or(
        standard_recipe(options_.device ? options_.device->runtime.name : options_.setup.runner,
                        workload_.modalities, workload_.grey));
    ledger_ = ledger_of(recipe);
    options_.phase(fmt::format("applying {} passes", ledger_.size()));
    rewritten_ = TRY(apply_ledger(ledger_, original_.model.graph));
    if (options_.device) {
      options_.phase("predicting what each pass brings on " +
                     display(options_.device->device.title, 60));
      TRY(judge_by_prediction(ledger_, original_.model.graph, workload_, *options_.device,
                              options_.ablate && !options_.recipe));
    } else if (options_.ablate && !options_.recipe && !interrupted()) {
      TRY(ablate(ledger_, {original_, workload_, options_.setup, scratch_->path(),
                           options_.ablation_repetitions, options_.phase}));
    }
    rewritten_ = original_.model.graph;
    TRY(apply(kept_recipe(ledger_), rewritten_));
    return onnx::write_model(rewritten_, files_.model);
  }

  Frame baseline_frame() const {
    const Graph& graph = original_.model.graph;
    return {"baseline", original_.file, workload_.inputs(graph, graph, workload_.measured_kind())};
  }
  Frame rewritten_frame() const {
    const InputKind kind = workload_.measured_kind();
    return {"optimized", files_.model, workload_.inputs(original_.model.graph, rewritten_, kind)};
  }

  Result<void> predict_both() {
    if (!options_.device) return {};
    predicted_baseline_ = TRY(predicted_frame(original_.model.graph, workload_, *options_.device));
    predicted_optimized_ = TRY(predicted_frame(rewritten_, workload_, *options_.device));
    return {};
  }

  Result<void> compare_end_to_end() {
    MeasureOptions measuring{options_.repetitions, options_.rules};
    measuring.rules.max_ns = 8'000'000'000;
    measuring.before_repetition = [&](int repetition, int of) {
      options_.phase(
          fmt::format("baseline against optimized, process {} of {}", repetition + 1, of));
    };
    measuring.at_least_one = true;
    auto samples =
        TRY(measure_frames({baseline_frame(), rewritten_frame()}, options_.setup, measuring));
    baseline_.samples = std::move(samples[0]);
    optimized_.samples = std::move(samples[1]);
    comparison_ = TRY(measure::compare(
        {repetition_medians(baseline_.samples), repetition_medians(optimized_.samples)}));
    if (comparison_.repetitions < measure::kFewestRepetitions) {
      notes_.push_back({measure::QualityCode::kFewRepetitions,
                        fmt::format("{} repetitions", comparison_.repetitions)});
    }
    if (!baseline_.samples.warmed_up || !optimized_.samples.warmed_up) {
      notes_.push_back({measure::QualityCode::kNotWarmedUp, ""});
    }
    return {};
  }

  Result<void> prove_equal() {
    if (interrupted()) return {};
    options_.phase("comparing the outputs with those of the original model");
    auto checks = prove(original_, rewritten_, files_.model, workload_, options_.setup,
                        tolerance_of(info_.environment));
    if (!checks && checks.error().code == ErrorCode::kInterrupted) return {};
    if (!checks) return std::unexpected(checks.error());
    checks_ = std::move(*checks);
    return {};
  }

  Result<eval::ModelCalls> calls_of(const Graph& graph) const {
    return in_context(eval::model_calls(graph, options_.test_set->ports()),
                      display(options_.source));
  }

  bool is_lossy_now() const { return is_lossy(kept_recipe(ledger_)); }

  /// On the images of the user, where there are some.
  Result<void> judge() {
    if (!options_.test_set && is_lossy_now())
      notes_.push_back({measure::QualityCode::kAccuracyUnjudged, ""});
    if (!options_.test_set || interrupted()) return {};
    auto accuracy =
        judge_accuracy({options_.source, original_.file, calls_},
                       {files_.model.native(), files_.model, TRY(calls_of(rewritten_))},
                       *options_.test_set, options_.limits, options_.setup, options_.phase);
    if (!accuracy && accuracy.error().code == ErrorCode::kInterrupted) return {};
    if (!accuracy) return std::unexpected(accuracy.error());
    accuracy_ = *std::move(accuracy);
    return {};
  }

  Result<void> profile_both() {
    options_.phase("profiling layer by layer");
    const ExplainOptions explaining{options_.setup, environment_, roofs_};
    baseline_.profile = TRY(
        explain_frame(baseline_frame(), original_.model, median_of(baseline_.samples), explaining));
    onnx::ImportOptions import;
    import.limits = options_.open.import.limits;
    const onnx::ImportedModel rewritten = TRY(onnx::import_model(files_.model, import));
    optimized_.profile =
        TRY(explain_frame(rewritten_frame(), rewritten, median_of(optimized_.samples), explaining));
    for (const MeasuredModel* model : {&baseline_, &optimized_})
      measure::merge(notes_, model->profile.notes);
    return {};
  }

  Json document() {
    const bool stopped = interrupted();
    if (stopped) notes_.push_back({measure::QualityCode::kInterrupted, ""});
    const auto threads = static_cast<int>(options_.setup.load.threads);
    Json ledger = Json::array();
    for (const LedgerEntry& entry : ledger_) ledger.push_back(to_json(entry));
    Json checks = Json::array();
    for (const NumericCheck& check : checks_) checks.push_back(to_json(check));
    Json comparison = measure::to_json(comparison_);
    Json end_to_end = Json::object();
    for (const char* key : {"speedup", "low", "high", "p_value", "verdict"})
      end_to_end[key] = comparison[key];
    Json json = Json::object();
    json["schema_version"] = 1;
    json["kind"] = "optimize";
    json["interrupted"] = stopped;
    json["nitro_version"] = kVersion;
    json["created"] = utc_now();
    json["command"] = Json::array_of(options_.command);
    json["model"] = model_json(original_);
    json["workload"] = workload_json(workload_);
    json["runner"] = runner_json(info_, options_.setup);
    json["environment"] = environment_json(environment_);
    json["roofs"] = roofs_json(roofs_, threads);
    json["baseline"] = to_json(baseline_);
    json["optimized"] = to_json(optimized_);
    json["comparison"] = std::move(end_to_end);
    if (options_.device)
      json["prediction"] =
          prediction_json(*options_.device, predicted_baseline_, predicted_optimized_);
    json["numerics"] = std::move(checks);
    if (accuracy_) json["accuracy"] = to_json(*accuracy_, *options_.test_set);
    json["ledger"] = std::move(ledger);
    json["recipe"] = to_toml(kept_recipe(ledger_));
    json["quality_notes"] = measure::to_json(notes_);
    json["reproduce"] = reproduce();
    return json;
  }

  /// The rewriting alone, and the whole work.
  Json reproduce() const {
    std::vector<std::string> apply = {"nitro", "apply", options_.source};
    for (const auto& [input, shape] : options_.open.import.shapes) {
      apply.insert(apply.end(), {"--shape", input + "=" + text(shape)});
    }
    if (!options_.open.weights.empty()) {
      apply.insert(apply.end(), {"--weights", options_.open.weights.native()});
    }
    const onnx::Limits& limits = options_.open.import.limits;
    if (limits.symlinks) apply.emplace_back("--allow-symlinks");
    if (limits.max_nodes != onnx::Limits().max_nodes) {
      apply.insert(apply.end(), {"--max-nodes", std::to_string(limits.max_nodes)});
    }
    apply.insert(apply.end(), {"--recipe", files_.recipe.native(), "-o", files_.model.native()});
    return Json::array({shell_line(apply), shell_line(options_.command)});
  }

  Result<Optimized> write() {
    const bool lossy = is_lossy_now();
    Optimized optimized{document(), files_,
                        std::ranges::all_of(checks_, [&](const NumericCheck& check) {
                          return check.ok() || (lossy && check.difference.finite);
                        })};
    if (accuracy_) optimized.limits = accuracy_->limits;
    TRY(write_file_atomic(files_.recipe, to_toml(kept_recipe(ledger_))));
    TRY(write_file_atomic(files_.result, optimized.result.dump(1) + "\n"));
    return optimized;
  }

  const OptimizeOptions& options_;
  OutputFiles files_;
  Workload workload_;
  std::optional<ScratchFolder> scratch_;
  zoo::OpenedModel original_;
  runner::RunnerInfo info_;
  measure::Environment environment_;
  measure::Roofs roofs_;
  std::vector<measure::QualityNote> notes_;
  std::vector<LedgerEntry> ledger_;
  Graph rewritten_;
  MeasuredModel baseline_, optimized_;
  PredictedFrame predicted_baseline_, predicted_optimized_;
  measure::Comparison comparison_;
  std::vector<NumericCheck> checks_;
  eval::ModelCalls calls_;  // of the original on the test set
  std::optional<Accuracy> accuracy_;
};

}  // namespace

OutputFiles output_files(const OptimizeOptions& options) {
  const auto file = [&](std::string_view suffix) {
    return options.output / (stem_of(options.source) + std::string(suffix));
  };
  return {file(".opt.onnx"), file(".recipe.toml"), file(".result.json")};
}

Result<Optimized> optimize(const OptimizeOptions& options) { return Study(options).run(); }

}  // namespace nitro::optimize
