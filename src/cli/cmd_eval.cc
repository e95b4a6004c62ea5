#include "base/file.h"
#include "base/text.h"
#include "cli/data_arguments.h"
#include "cli/eval_text.h"
#include "cli/evaluation.h"
#include "cli/interrupt.h"
#include "cli/modalities.h"
#include "cli/model_arguments.h"
#include "cli/output_file.h"
#include "cli/runner_arguments.h"
#include "cli/types_by_run.h"
#include "cli/verbs.h"

namespace nitro::cli {
namespace {

std::optional<image::Pixels> pixels_of(std::string_view word) {
  if (word == "raw") return image::Pixels::kRaw;
  if (word == "unit") return image::Pixels::kUnit;
  if (word == "normalized") return image::Pixels::kNormalized;
  return {};
}

class Eval final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    model_.declare(arguments);
    data_.declare(arguments);
    arguments.option("--modalities", "Those to evaluate (default all): rgb,depth", modalities_);
    arguments.option("--reference",
                     "Model to compare with on the same runner, or a result of nitro eval",
                     reference_);
    arguments.option("--seed", "Of the choice and order of scenes, and of intervals (default 1)",
                     seed_, 0);
    arguments.option("--batch", "Images a call, where the first dimension is free (default 1)",
                     batch_, 1);
    arguments.choice("--pixels",
                     "Values of images: auto (default): normalized as EdgeVL does, for one channel "
                     "unit (pixel / 255)",
                     pixels_, {"auto", "normalized", "unit", "raw"});
    runner_.declare(arguments);
    arguments.choice("--metrics", "native (default), or checked by torchmetrics", metrics_,
                     {"native", "torchmetrics"});
    arguments.flag("--per-class", "Shows each class", per_class_);
    arguments.option("--embeddings", "Folder for the embeddings as .npy", embeddings_);
    arguments.option("-o,--output", "Writes the result as JSON too; - for stdout", output_);
    arguments.flag("--force", "Overwrites files that Nitro did not make", force_);
  }

  Result<int> run(Console& console) override {
    TRY(runner_.check_board());
    if (!data_.given()) {
      return fail_with_hint(ErrorCode::kUsage, "--data is missing",
                            "a folder MODALITY/CLASS/NAME.png, or a CSV manifest");
    }
    if (output_ == "-" && console.json())
      return fail(ErrorCode::kUsage, "--json and -o - both want standard output");
    TRY(check_replaceable(output_, force_));
    note_signals();
    const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-eval"));
    const Json result = TRY(evaluate(console, TRY(options(console, scratch.path()))));
    if (!output_.empty()) TRY(write_output(console, output_, result.dump(1) + "\n", force_));
    console.document(result);
    if (output_ != "-") console.text(eval_text(result, per_class_, console.width()));
    return result.at("interrupted").as_bool() ? interrupt_exit_code() : 0;
  }

 private:
  Result<EvaluationOptions> options(Console& console, const std::filesystem::path& scratch) {
    EvaluationOptions options;
    console.phase("listing the images");
    const std::vector<std::string> wanted = TRY(parse_modalities(modalities_));
    options.set = TRY(data_.test_set(wanted, static_cast<uint64_t>(seed_)));
    options.set.pixels = pixels_of(pixels_);
    TRY(check_task(options.set.task));
    zoo::OpenOptions open = TRY(model_.options());
    open.import.batch = batch_;
    options.setup = runner_.setup(open.import.shapes);
    options.setup.interrupted = interrupted;
    open.import.types_by_run = types_by_run(options.setup);
    const eval::PortOptions ports = options.set.ports();
    console.phase("opening the model");
    options.model = TRY(open_eval_model(model_.source(), scratch, open, ports));
    if (!reference_.empty()) options.reference = TRY(reference(options, scratch, open, ports));
    options.torch_metrics = metrics_ == "torchmetrics";
    options.embeddings = embeddings_;
    options.command = console.command();
    return options;
  }

  Result<void> check_task(const eval::Task& task) const {
    if (!task.classes.empty() || !reference_.empty()) return {};
    return fail_with_hint(ErrorCode::kUsage, "there is nothing to compare the outputs with",
                          "give --text and --classes, --classes for a classifier, or a model as "
                          "--reference");
  }

  Result<Reference> reference(const EvaluationOptions& options,
                              const std::filesystem::path& scratch, zoo::OpenOptions open,
                              const eval::PortOptions& ports) const {
    Reference reference{reference_};
    if (!reference_.ends_with(".json")) {
      const std::filesystem::path folder = scratch / "reference";
      std::error_code error;
      std::filesystem::create_directory(folder, error);
      open.weights.clear();
      reference.model =
          TRY(in_context(open_eval_model(reference_, folder, open, ports), "--reference"));
      return reference;
    }
    if (options.set.task.classes.empty()) {
      return fail(
          ErrorCode::kUsage,
          "decisions are compared with a result; that needs --classes, and --text where the "
          "model is no classifier");
    }
    const Json document =
        TRY(in_context(Json::parse(TRY(read_file(reference_))), display(reference_)));
    reference.result = TRY(in_context(eval::parse_stored_result(document), display(reference_)));
    return reference;
  }

  ModelArguments model_;
  RunnerArguments runner_;
  DataArguments data_;
  std::string modalities_;
  std::string reference_;
  std::string pixels_ = "auto";
  std::string metrics_ = "native";
  int64_t seed_ = 1;
  int64_t batch_ = 1;
  bool per_class_ = false;
  bool force_ = false;
  std::filesystem::path embeddings_;
  std::filesystem::path output_;
};

}  // namespace

std::unique_ptr<Verb> make_eval() { return std::make_unique<Eval>(); }

}  // namespace nitro::cli
