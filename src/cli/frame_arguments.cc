#include "cli/frame_arguments.h"

#include "base/text.h"
#include "cli/accuracy_text.h"
#include "cli/interrupt.h"
#include "cli/modalities.h"
#include "cli/output_file.h"
#include "cli/types_by_run.h"
#include "report/report.h"

namespace nitro::cli {

void FrameArguments::declare_frame(Arguments& arguments) {
  model_.declare(arguments);
  arguments.option("--modalities", "One frame is a call for each: rgb,depth", modalities_);
  arguments.option("--grey", "Modalities of one channel of pixel / 255: depth", grey_);
  runner_.declare(arguments);
}

void FrameArguments::declare_output(Arguments& arguments, const std::string& what) {
  arguments.option("--repetitions", "Fresh processes of the last comparison (default 7)",
                   repetitions_, 1);
  arguments.option("-o,--output", "Folder for " + what + " (default .)", output_);
  arguments.option("--report", "Writes an HTML page too", report_);
  arguments.flag("--force", "Overwrites files that Nitro did not make", force_);
}

Result<optimize::OptimizeOptions> FrameArguments::options(Console& console) {
  TRY(runner_.check_runner());
  note_signals();
  optimize::OptimizeOptions options;
  options.source = model_.source();
  options.open = TRY(model_.options());
  options.setup = runner_.setup(options.open.import.shapes);
  options.open.import.types_by_run = types_by_run(options.setup);
  options.modalities = TRY(parse_modalities(modalities_));
  options.grey = TRY(parse_grey(grey_, options.modalities));
  options.repetitions = static_cast<int>(repetitions_);
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
  TRY(prepare_files(options));
  return options;
}

Result<void> FrameArguments::prepare_files(const optimize::OptimizeOptions& options) const {
  const auto files = optimize::output_files(options);
  for (const auto& path : {files.model, files.recipe, files.result, report_})
    TRY(check_replaceable(path, force_));
  std::error_code error;
  std::filesystem::create_directories(output_, error);
  if (!error) return {};
  return fail(ErrorCode::kInputOutput, "cannot make the folder {}: {}", display(output_.native()),
              error.message());
}

Result<int> FrameArguments::finish(Console& console, const optimize::Optimized& optimized,
                                   const std::string& text) const {
  if (!report_.empty())
    TRY(write_output(console, report_, TRY(report::render(optimized.result)), force_));
  console.document(optimized.result);
  console.text(text);
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

}  // namespace nitro::cli
