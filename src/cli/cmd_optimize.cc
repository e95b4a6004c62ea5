#include "base/file.h"
#include "base/text.h"
#include "cli/accuracy_text.h"
#include "cli/data_arguments.h"
#include "cli/input_arguments.h"
#include "cli/interrupt.h"
#include "cli/limit_arguments.h"
#include "cli/modalities.h"
#include "cli/model_arguments.h"
#include "cli/optimize_text.h"
#include "cli/output_file.h"
#include "cli/recipe_arguments.h"
#include "cli/runner_arguments.h"
#include "cli/types_by_run.h"
#include "cli/verbs.h"
#include "optimize/optimize.h"
#include "report/report.h"

namespace nitro::cli {
namespace {

class Optimize final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    model_.declare(arguments);
    arguments.option("--modalities", "One frame is a call for each: rgb,depth", modalities_);
    arguments.option("--grey", "Modalities of one channel of pixel / 255: depth", grey_);
    inputs_.declare(arguments);
    recipe_.declare(arguments);
    runner_.declare(arguments);
    data_.declare(arguments);
    limits_.declare(arguments);
    arguments.option("--repetitions", "Fresh processes of the comparison (default 7)", repetitions_,
                     1);
    arguments.option("--ablation-repetitions", "The same to judge each pass (default 5)",
                     ablation_repetitions_, 1);
    arguments.flag("--no-ablation", "Keeps every pass that changes something", no_ablation_);
    arguments.option("-o,--output", "Folder for model, recipe and result (default .)", output_);
    arguments.option("--report", "Writes an HTML page too", report_);
    arguments.flag("--force", "Overwrites files that Nitro did not make", force_);
  }

  Result<int> run(Console& console) override {
    TRY(runner_.check_runner());
    note_signals();
    optimize::OptimizeOptions options;
    options.source = model_.source();
    options.open = TRY(model_.options());
    options.open.import.types_by_run = types_by_run(runner_.setup(options.open.import.shapes));
    options.modalities = TRY(parse_modalities(modalities_));
    options.grey = TRY(parse_grey(grey_, options.modalities));
    options.given = [this](const auto& wanted) { return inputs_.given(wanted); };
    options.seed = inputs_.seed();
    options.recipe = TRY(recipe_.recipe());
    options.setup = runner_.setup(options.open.import.shapes);
    TRY(read_data(console, options));
    options.repetitions = static_cast<int>(repetitions_);
    options.ablation_repetitions = static_cast<int>(ablation_repetitions_);
    options.ablate = !no_ablation_;
    if (const std::string device = runner_.predicted_device(); !device.empty()) {
      predict::PredictOptions& there = options.device.emplace(TRY(predict::find_device(device)));
      there.runtime =
          TRY(predict::find_runtime_on(there.device, there.device.runtime, there.precision));
    }
    options.output = output_;
    options.command = console.command();
    options.phase = [&console](const std::string& phase) { console.phase(phase); };
    options.setup.interrupted = interrupted;
    options.setup.progress = options.phase;
    const auto files = optimize::output_files(options);
    for (const auto& path : {files.model, files.recipe, files.result, report_})
      TRY(check_replaceable(path, force_));
    TRY(make_folder());
    const optimize::Optimized optimized = TRY(optimize::optimize(options));
    if (!report_.empty()) {
      TRY(write_output(console, report_, TRY(report::render(optimized.result)), force_));
    }
    return finish(console, optimized);
  }

 private:
  /// The images to judge by, and what the accuracy must keep to.
  Result<void> read_data(Console& console, optimize::OptimizeOptions& options) const {
    options.limits = TRY(limits_.limits());
    if (!data_.given()) return data_.check_alone(options.limits.any());
    console.phase("listing the images");
    options.test_set = TRY(data_.test_set(options.modalities, options.seed));
    if (inputs_.raw()) options.test_set->pixels = image::Pixels::kRaw;
    return optimize::check_limits(options.limits, *options.test_set);
  }

  Result<void> make_folder() const {
    std::error_code error;
    std::filesystem::create_directories(output_, error);
    if (!error) return {};
    return fail(ErrorCode::kInputOutput, "cannot make the folder {}: {}", display(output_.native()),
                error.message());
  }

  Result<int> finish(Console& console, const optimize::Optimized& optimized) const {
    console.document(optimized.result);
    console.text(optimize_text(optimized.result, console.width()));
    const auto say = [&](std::string_view what, const std::filesystem::path& path) {
      if (!path.empty())
        console.text(fmt::format("{:<10} {}\n", what, display(path.lexically_normal().native())));
    };
    say("new model", optimized.files.model);
    say("recipe", optimized.files.recipe);
    say("result", optimized.files.result);
    say("report", report_);
    if (interrupted()) return interrupt_exit_code();
    bool held = optimized.outputs_ok;
    if (!held) console.note("error: the outputs differ from those of the original model");
    for (const optimize::LimitCheck& check : optimized.limits) {
      if (!check.held) console.note("check failed: " + limit_sentence(check));
      held = held && check.held;
    }
    return held ? 0 : exit_code(ErrorCode::kCheckFailed);
  }

  ModelArguments model_;
  InputArguments inputs_;
  RecipeArguments recipe_;
  RunnerArguments runner_;
  DataArguments data_;
  LimitArguments limits_;
  std::string modalities_;
  std::string grey_;
  int64_t repetitions_ = 7;
  int64_t ablation_repetitions_ = 5;
  bool no_ablation_ = false;
  bool force_ = false;
  std::filesystem::path output_ = ".";
  std::filesystem::path report_;
};

}  // namespace

std::unique_ptr<Verb> make_optimize() { return std::make_unique<Optimize>(); }

}  // namespace nitro::cli
