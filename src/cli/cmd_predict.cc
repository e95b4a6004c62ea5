#include <fmt/ranges.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/model_arguments.h"
#include "cli/predict_text.h"
#include "cli/verbs.h"

namespace nitro::cli {
namespace {

std::string changes_help() {
  return fmt::format("What changes would bring at most, separated by commas: {}",
                     fmt::join(predict::change_forms(), ", "));
}

class Predict final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    model_.declare(arguments);
    model_.declare_types_by_run(arguments);
    arguments.option("--device",
                     "A device of `nitro devices`, or a .toml file (default jetson-nano)", device_);
    arguments.option("--runtime",
                     fmt::format("What runs the model there: {}; default: the usual one there",
                                 fmt::join(predict::runtime_names(), ", ")),
                     runtime_);
    arguments.choice("--precision", "Precision there (default fp16)", precision_, {"fp16", "fp32"});
    arguments.option("--what-if", changes_help(), what_if_);
    arguments.option("--top", "Layers to show (default 20; 0: all)", top_, 0);
  }

  Result<int> run(Console& console) override {
    predict::PredictOptions options;
    options.device = TRY(predict::find_device(device_));
    if (precision_ == "fp32") options.precision = predict::Precision::kFp32;
    options.runtime = TRY(predict::find_runtime_on(
        options.device, runtime_.empty() ? options.device.runtime : runtime_, options.precision));
    const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-predict"));
    const zoo::OpenedModel opened = TRY(model_.open(scratch.path()));
    console.phase("predicting");
    const predict::Prediction prediction = TRY(predict::predict(opened.model.graph, options));
    PredictedModel model{opened.source, options, prediction};
    for (std::string_view change : split(what_if_, ',')) {
      if (change.empty()) continue;
      model.changes.push_back(TRY(predict::what_if(prediction, options, std::string(change))));
    }
    console.document(predict_json(model));
    console.text(predict_text(model, static_cast<size_t>(top_), console.width()));
    return 0;
  }

 private:
  ModelArguments model_;
  std::string device_ = "jetson-nano";
  std::string runtime_;
  std::string precision_ = "fp16";
  std::string what_if_;
  int64_t top_ = 20;
};

}  // namespace

std::unique_ptr<Verb> make_predict() { return std::make_unique<Predict>(); }

}  // namespace nitro::cli
