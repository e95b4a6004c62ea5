#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/data_arguments.h"
#include "cli/frame_arguments.h"
#include "cli/interrupt.h"
#include "cli/limit_arguments.h"
#include "cli/optimize_text.h"
#include "cli/search_arguments.h"
#include "cli/search_text.h"
#include "cli/verbs.h"
#include "optimize/optimize.h"
#include "optimize/result_document.h"
#include "optimize/standard_recipe.h"
#include "search/model_evaluator.h"
#include "search/optuna_sampler.h"

namespace nitro::cli {
namespace {

/// The nearest to the limits, for an error.
std::string nearest(const search::Found& found, const search::SearchOptions& options) {
  const search::Trial* best = nullptr;
  for (const search::Trial& trial : found.trials) {
    if (trial.quality.empty()) continue;
    if (!best || search::worst_loss(trial.quality) < search::worst_loss(best->quality))
      best = &trial;
  }
  if (!best) return "";
  return fmt::format("; trial {} lost least, {:.2f} points: {}", best->number,
                     100 * search::worst_loss(best->quality),
                     display(search::description(options.space, best->point), 200));
}

class Search final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    frame_.declare_frame(arguments);
    data_.declare(arguments);
    arguments.option("--test-data", "Other images, by which the winner is judged in the end",
                     test_data_);
    limits_.declare(arguments);
    search_.declare(arguments);
    arguments.option("--seed", "Of the sampler and the choice of scenes (default 1)", seed_, 0);
    frame_.declare_output(arguments, "model, recipe, result and trials");
  }

  Result<int> run(Console& console) override {
    search::SearchOptions options = TRY(search_.options(TRY(limits_.limits())));
    if (!data_.given()) TRY(data_.check_alone(true));
    const auto scratch = TRY(ScratchFolder::create("nitro-search"));
    optimize::OptimizeOptions final = TRY(frame_.options(console));
    final.seed = seed();
    final.limits = options.limits.accuracy;
    name_ = optimize::output_files(final).result.stem().stem().native();
    const eval::TestSet images = TRY(data_.test_set(final.modalities, seed()));
    TRY(optimize::check_limits(final.limits, images));
    final.test_set = test_data_.empty()
                         ? images
                         : TRY(data_.test_set(test_data_, images.data.modalities, seed()));
    console.phase("opening the model");
    zoo::OpenedModel original = TRY(zoo::open_model(final.source, scratch.path(), final.open));
    original.file = TRY(zoo::runnable_file(original, scratch.path(), final.open.import.limits));
    const optimize::Workload workload{
        .modalities = final.modalities, .grey = final.grey, .seed = final.seed};
    TRY(workload.check_grey(original.model.graph));
    const search::EvaluatorOptions measuring{
        .original = original,
        .workload = workload,
        .setup = final.setup,
        .images = images,
        .few = search_.few(),
        .calibration_scenes = search_.calibration_scenes(),
        .folder = std::filesystem::absolute(final.output) / (name_ + ".calibrations"),
        .device = final.device,
        .repetitions = final.repetitions,
        .phase = final.phase};
    auto sampler = TRY(search::OptunaSampler::start(final.setup.python, storage()));
    auto evaluator = TRY(search::ModelEvaluator::start(measuring));
    complete(options, final, measuring, evaluator);
    const search::Found found = TRY(search::search(options, evaluator, sampler));
    if (found.ended_by == "interrupted") return ended_early(console, found);
    if (!found.winner) {
      return fail_with_hint(
          ErrorCode::kCheckFailed,
          fmt::format("none of {} recipes keeps the limits{}", found.trials.size(),
                      nearest(found, options)),
          "go on by --resume with more --trials, or begin anew with looser limits");
    }
    Json record = search::to_json(found, options);
    record["storage"] = storage();
    record["scenes"] = Json::object({{"few", std::min(search_.few(), evaluator.scenes())},
                                     {"all", evaluator.scenes()},
                                     {"judged_by_others", !test_data_.empty()}});
    record["original"] = search::to_json(TRY(evaluator.original_quality()));
    const auto recipe =
        TRY(search::recipe_of(options.space, found.winner->point, options.standard));
    final.recipe = TRY(evaluator.make(recipe)).recipe;
    return finish(console, final, std::move(record));
  }

 private:
  uint64_t seed() const { return static_cast<uint64_t>(seed_); }

  std::string storage() const { return search_.storage(frame_.output() / (name_ + ".search.db")); }

  /// What the options know only now: of the model, the images and the runner.
  void complete(search::SearchOptions& options, const optimize::OptimizeOptions& final,
                const search::EvaluatorOptions& measuring,
                const search::ModelEvaluator& evaluator) const {
    const std::string runtime = final.device ? final.device->runtime.name : final.setup.runner;
    options.standard = optimize::standard_recipe(runtime, final.modalities, final.grey);
    options.study.name = name_;
    options.study.seed = seed();
    const runner::RunnerInfo& info = evaluator.runner_info();
    options.study.identity =
        Json::object({{"model_sha256", optimize::model_json(measuring.original).at("sha256")},
                      {"data_sha256", search::fingerprint(measuring.images)},
                      {"modalities", Json::array_of(final.modalities)},
                      {"grey", Json::array_of(final.grey)},
                      {"latency", final.device ? final.device->device.name : final.setup.runner},
                      {"threads", final.setup.load.threads},
                      {"limits", search::to_json(options.limits)},
                      {"fixed", options.space.fixed()}});
    options.versions =
        Json::object({{"nitro_version", kVersion}, {"runner_version", info.version}});
    options.interrupted = interrupted;
    options.phase = final.phase;
  }

  Result<int> ended_early(Console& console, const search::Found& found) const {
    console.note(fmt::format("interrupted: {} trials are kept in {}; go on by --resume",
                             found.trials.size(), display(storage(), 200)));
    return interrupt_exit_code();
  }

  Result<int> finish(Console& console, const optimize::OptimizeOptions& options,
                     Json record) const {
    optimize::Optimized optimized = TRY(optimize::optimize(options));
    optimized.result["search"] = std::move(record);
    TRY(write_file_atomic(optimized.files.result, optimized.result.dump(1) + "\n"));
    return frame_.finish(console, optimized,
                         optimize_text(optimized.result, console.width()) +
                             search_text(optimized.result.at("search"), console.width()));
  }

  FrameArguments frame_;
  DataArguments data_;
  LimitArguments limits_;
  SearchArguments search_;
  std::string name_;
  std::filesystem::path test_data_;
  int64_t seed_ = 1;
};

}  // namespace

std::unique_ptr<Verb> make_search() { return std::make_unique<Search>(); }

}  // namespace nitro::cli
