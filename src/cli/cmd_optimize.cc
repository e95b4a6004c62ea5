#include "cli/data_arguments.h"
#include "cli/frame_arguments.h"
#include "cli/input_arguments.h"
#include "cli/limit_arguments.h"
#include "cli/optimize_text.h"
#include "cli/recipe_arguments.h"
#include "cli/verbs.h"

namespace nitro::cli {
namespace {

class Optimize final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    frame_.declare_frame(arguments);
    inputs_.declare(arguments);
    recipe_.declare(arguments);
    data_.declare(arguments);
    limits_.declare(arguments);
    arguments.option("--ablation-repetitions", "Those that judge each pass (default 5)",
                     ablation_repetitions_, 1);
    arguments.flag("--no-ablation", "Keeps every pass that changes something", no_ablation_);
    frame_.declare_output(arguments, "model, recipe and result");
  }

  Result<int> run(Console& console) override {
    optimize::OptimizeOptions options = TRY(frame_.options(console));
    options.given = [this](const auto& wanted) { return inputs_.given(wanted); };
    options.seed = inputs_.seed();
    options.recipe = TRY(recipe_.recipe());
    TRY(read_data(console, options));
    options.ablation_repetitions = static_cast<int>(ablation_repetitions_);
    options.ablate = !no_ablation_;
    const optimize::Optimized optimized = TRY(optimize::optimize(options));
    return frame_.finish(console, optimized, optimize_text(optimized.result, console.width()));
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

  FrameArguments frame_;
  InputArguments inputs_;
  RecipeArguments recipe_;
  DataArguments data_;
  LimitArguments limits_;
  int64_t ablation_repetitions_ = 5;
  bool no_ablation_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_optimize() { return std::make_unique<Optimize>(); }

}  // namespace nitro::cli
