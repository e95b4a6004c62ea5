#include <fmt/ranges.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/eval_model.h"
#include "cli/interrupt.h"
#include "cli/modalities.h"
#include "cli/model_arguments.h"
#include "cli/output_file.h"
#include "cli/recipe_arguments.h"
#include "cli/runner_arguments.h"
#include "cli/types_by_run.h"
#include "cli/verbs.h"
#include "optimize/calibrate_model.h"

namespace nitro::cli {
namespace {

constexpr size_t kScenesAPhase = 16;

class Calibrate final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    model_.declare(arguments);
    arguments.option("--data", "Images: a folder MODALITY/CLASS/NAME.png, or a CSV manifest",
                     data_);
    arguments.option("--modalities", "Those to run (default all): rgb,depth", modalities_);
    arguments.option("--limit", "Scenes at most, evenly over the classes (default 96); 0: all",
                     limit_, 0);
    arguments.option("--seed", "Of the choice of scenes (default 1)", seed_, 0);
    arguments.flag("--moments", "Sums of products of the columns of each value, too", moments_);
    arguments.flag("--extremes", "Least and greatest element of all f32 values, too", extremes_);
    recipe_.declare(arguments);
    runner_.declare(arguments);
    arguments.option("-o,--output", "The file to write", output_);
    arguments.flag("--force", "Overwrites a file that Nitro did not make", force_);
  }

  Result<int> run(Console& console) override {
    TRY(runner_.check_board());
    if (data_.empty() || output_.empty()) {
      return fail_with_hint(ErrorCode::kUsage, "nitro calibrate needs --data and -o FILE",
                            "--data is a folder MODALITY/CLASS/NAME.png, or a CSV manifest");
    }
    TRY(check_replaceable(output_, force_));
    note_signals();
    const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-calibrate"));
    const eval::DataSet data = TRY(eval::open_data_set(data_, TRY(parse_modalities(modalities_))));
    zoo::OpenOptions open = TRY(model_.options());
    optimize::RunSetup setup = runner_.setup(open.import.shapes);
    setup.interrupted = interrupted;
    open.import.types_by_run = types_by_run(setup);
    console.phase("opening the model");
    zoo::OpenedModel opened = TRY(zoo::open_model(model_.source(), scratch.path(), open));
    Graph& graph = opened.model.graph;
    if (const auto recipe = TRY(recipe_.recipe())) TRY(optimize::apply(*recipe, graph));
    passes::Calibration calibration = TRY(calibrated(console, graph, data, setup));
    calibration.source = model_.source();
    const Json document = passes::to_json(calibration);
    TRY(write_output(console, output_, document.dump() + "\n", force_));
    console.document(summary(calibration));
    console.text(fmt::format("{} values on {} scenes, {}: {}\n", calibration.values.size(),
                             calibration.scenes, fmt::join(calibration.modalities, " and "),
                             display(output_.native())));
    return 0;
  }

 private:
  Result<passes::Calibration> calibrated(Console& console, const Graph& graph,
                                         const eval::DataSet& data,
                                         const optimize::RunSetup& setup) const {
    const calibrate::Scenes scenes{
        data, eval::choose_samples(data, static_cast<size_t>(limit_), static_cast<uint64_t>(seed_)),
        TRY(eval::model_calls(graph, {data.modalities}))};
    optimize::CalibrateModelOptions options;
    options.moments = moments_;
    options.extremes = extremes_;
    options.watching = [&](size_t values) {
      console.phase(fmt::format("watching {} values on {} scenes", values, scenes.chosen.size()));
    };
    options.progress = [&](size_t done) {
      if (done % kScenesAPhase == 0)
        console.phase(fmt::format("{} of {} scenes", done, scenes.chosen.size()));
    };
    return optimize::calibrate_model(graph, scenes, setup, options);
  }

  Json summary(const passes::Calibration& calibration) const {
    return Json::object({{"path", output_.native()},
                         {"values", calibration.values.size()},
                         {"scenes", calibration.scenes},
                         {"modalities", Json::array_of(calibration.modalities)}});
  }

  ModelArguments model_;
  RecipeArguments recipe_;
  RunnerArguments runner_;
  std::filesystem::path data_;
  std::string modalities_;
  std::filesystem::path output_;
  int64_t limit_ = 96;
  int64_t seed_ = 1;
  bool moments_ = false;
  bool extremes_ = false;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_calibrate() { return std::make_unique<Calibrate>(); }

}  // namespace nitro::cli
