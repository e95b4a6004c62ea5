#include "optimize/optimize.h"

#include <algorithm>
#include <ctime>

#include "base/version.h"
#include "measure/roof_cache.h"
#include "onnx/export_model.h"
#include "optimize/ablation.h"
#include "optimize/prove.h"
#include "optimize/result_document.h"
#include "optimize/standard_recipe.h"
#include "runner/registry.h"

namespace nitro::optimize {
namespace {

constexpr int64_t kProfileIterations = 20;

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

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
      : options_(options), workload_{options.modalities} {}

  Result<Optimized> run() {
    scratch_.emplace(TRY(ScratchFolder::create("nitro-optimize")));
    environment_ = measure::read_environment();
    notes_ = measure::quality_notes(environment_);
    options_.phase("opening the model");
    original_ = TRY(zoo::open_model(options_.source, scratch_->path(), options_.open));
    TRY(check_workload());
    info_ = TRY(runner::start_runner(options_.setup.runner, {options_.setup.python, {}})).info();
    options_.phase("measuring the roofs of this machine");
    roofs_ = measure::machine_roofs();
    measure::merge(notes_, measure::quality_notes(roofs_));
    TRY(rewrite());
    TRY(compare_end_to_end());
    TRY(prove_equal());
    TRY(profile_both());
    return write();
  }

 private:
  bool interrupted() {
    interrupted_ = interrupted_ || options_.interrupted();
    return interrupted_;
  }

  Result<void> check_workload() const {
    const size_t inputs = original_.model.graph.inputs().size();
    if (workload_.modalities.size() > 1 && inputs != 1) {
      return fail(ErrorCode::kUsage, "--modalities needs a model with one input, '{}' has {}",
                  options_.source, inputs);
    }
    return {};
  }

  Result<void> rewrite() {
    const Recipe recipe =
        options_.recipe.value_or(standard_recipe(options_.setup.runner, workload_.modalities));
    ledger_ = ledger_of(recipe);
    options_.phase(fmt::format("applying {} passes", ledger_.size()));
    rewritten_ = TRY(apply_ledger(ledger_, original_.model.graph));
    if (options_.ablate && !options_.recipe && !interrupted()) {
      TRY(ablate(ledger_, {original_, workload_, options_.setup, scratch_->path(),
                           options_.ablation_repetitions, options_.phase,
                           [this] { return interrupted(); }}));
    }
    rewritten_ = original_.model.graph;
    TRY(apply(kept_recipe(ledger_), rewritten_));
    model_file_ = output_file(".opt.onnx");
    return onnx::write_model(rewritten_, model_file_);
  }

  std::filesystem::path output_file(std::string_view suffix) const {
    return options_.output / (stem_of(options_.source) + std::string(suffix));
  }

  Frame baseline_frame(InputKind kind) const {
    const Graph& graph = original_.model.graph;
    return {"baseline", original_.file, workload_.inputs(graph, graph, kind)};
  }
  Frame rewritten_frame(InputKind kind) const {
    return {"optimized", model_file_, workload_.inputs(original_.model.graph, rewritten_, kind)};
  }

  Result<void> compare_end_to_end() {
    MeasureOptions measuring{options_.repetitions, options_.rules};
    measuring.rules.max_ns = 8'000'000'000;
    measuring.before_repetition = [&](int repetition, int of) {
      options_.phase(
          fmt::format("baseline against optimized, process {} of {}", repetition + 1, of));
      return repetition == 0 || !interrupted();
    };
    auto samples = TRY(
        measure_frames({baseline_frame(InputKind::kRandom), rewritten_frame(InputKind::kRandom)},
                       options_.setup, measuring));
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
    checks_ = TRY(prove(original_, rewritten_, model_file_, workload_, options_.setup));
    return {};
  }

  Result<void> profile_both() {
    options_.phase("profiling layer by layer");
    baseline_.profile = TRY(profile_of(baseline_frame(InputKind::kRandom), original_.model,
                                       baseline_.samples, static_cast<double>(workload_.calls())));
    const onnx::ImportedModel rewritten = TRY(onnx::import_model(model_file_));
    const double calls =
        workload_.is_batched(rewritten_) ? 1 : static_cast<double>(workload_.calls());
    optimized_.profile =
        TRY(profile_of(rewritten_frame(InputKind::kRandom), rewritten, optimized_.samples, calls));
    for (const MeasuredModel* model : {&baseline_, &optimized_})
      measure::merge(notes_, model->profile.notes);
    return {};
  }

  Result<profile::Profile> profile_of(const Frame& frame, const onnx::ImportedModel& model,
                                      const FrameSamples& samples, double calls) {
    const auto threads = static_cast<int>(options_.setup.load.threads);
    const runner::NodeProfile nodes = TRY(profile_frame(frame, options_.setup, kProfileIterations));
    return profile::build_profile(
        nodes, {model, roofs_, threads, usable_cache_bytes(environment_, threads),
                median_of(samples), calls});
  }

  Json document() {
    if (interrupted()) notes_.push_back({measure::QualityCode::kInterrupted, ""});
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
    json["interrupted"] = interrupted_;
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
    json["numerics"] = std::move(checks);
    json["ledger"] = std::move(ledger);
    json["recipe"] = to_toml(kept_recipe(ledger_));
    json["quality_notes"] = measure::to_json(notes_);
    json["reproduce"] = reproduce();
    return json;
  }

  Json reproduce() const {
    return Json::array(
        {fmt::format("nitro apply {} --recipe {} -o {}", options_.source,
                     output_file(".recipe.toml").filename().native(),
                     model_file_.filename().native()),
         fmt::format("nitro optimize {}{} --recipe {}", options_.source,
                     workload_.modalities.empty() ? "" : fmt::format(" --modalities {}", joined()),
                     output_file(".recipe.toml").filename().native())});
  }

  std::string joined() const {
    std::string text;
    for (const std::string& modality : workload_.modalities)
      text += (text.empty() ? "" : ",") + modality;
    return text;
  }

  Result<Optimized> write() {
    Optimized optimized{
        document(), model_file_, output_file(".recipe.toml"), output_file(".result.json"),
        std::ranges::all_of(checks_, [](const NumericCheck& check) { return check.ok(); })};
    TRY(write_file_atomic(optimized.recipe, to_toml(kept_recipe(ledger_))));
    TRY(write_file_atomic(optimized.result_file, optimized.result.dump(1) + "\n"));
    return optimized;
  }

  const OptimizeOptions& options_;
  Workload workload_;
  std::optional<ScratchFolder> scratch_;
  zoo::OpenedModel original_;
  runner::RunnerInfo info_;
  measure::Environment environment_;
  measure::Roofs roofs_;
  std::vector<measure::QualityNote> notes_;
  std::vector<LedgerEntry> ledger_;
  Graph rewritten_;
  std::filesystem::path model_file_;
  MeasuredModel baseline_, optimized_;
  measure::Comparison comparison_;
  std::vector<NumericCheck> checks_;
  bool interrupted_ = false;
};

}  // namespace

Result<Optimized> optimize(const OptimizeOptions& options) { return Study(options).run(); }

}  // namespace nitro::optimize
