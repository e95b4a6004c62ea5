#include <limits>

#include "base/file.h"
#include "cli/input_arguments.h"
#include "cli/interrupt.h"
#include "cli/modalities.h"
#include "cli/model_arguments.h"
#include "cli/output_file.h"
#include "cli/profile_text.h"
#include "cli/profiling.h"
#include "cli/runner_arguments.h"
#include "cli/time_arguments.h"
#include "cli/types_by_run.h"
#include "cli/verbs.h"
#include "report/report.h"

namespace nitro::cli {
namespace {

class Profile final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    model_.declare(arguments);
    arguments.option("--modalities", "One frame is a call for each: rgb,depth", modalities_);
    arguments.option("--grey", "Modalities of one channel of pixel / 255: depth", grey_);
    inputs_.declare(arguments);
    runner_.declare(arguments);
    time_.declare(arguments);
    arguments.option("--profile-iterations", "Runs with times per layer (default 20)",
                     profile_iterations_, 1);
    arguments.flag("--probe-clocks",
                   "Also runs at lower clocks of that board: what follows which clock says what "
                   "holds each layer",
                   probe_clocks_);
    arguments.choice("--sort", "Order of the layers (default time)", sort_,
                     {"time", "name", "flops", "order"});
    arguments.option("--top", "Layers shown (default 20); 0: all", top_, 0);
    arguments.flag("--tree", "Shows the module tree instead of layers", tree_);
    arguments.option("--depth", "Levels of the tree (default 3)", depth_, 0);
    arguments.option("--report", "Writes an HTML page too", report_);
    arguments.option("-o,--output", "Writes the result as JSON too; - for stdout", output_);
    arguments.flag("--force", "Overwrites files that Nitro did not make", force_);
  }

  Result<int> run(Console& console) override {
    TRY(runner_.check_board());
    if (probe_clocks_) TRY(runner_.needs_board("--probe-clocks"));
    note_signals();
    if (output_ == "-" && console.json()) {
      return fail(ErrorCode::kUsage, "--json and -o - both want standard output");
    }
    for (const auto& path : {output_, report_}) TRY(check_replaceable(path, force_));
    const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-profile"));
    const Json result = TRY(measure(console, scratch.path()));
    if (!output_.empty()) TRY(write_output(console, output_, result.dump(1) + "\n", force_));
    if (!report_.empty()) TRY(write_output(console, report_, TRY(report::render(result)), force_));
    console.document(result);
    if (output_ != "-" && report_ != "-") {
      console.text(profile_text(result, "baseline", text_options()) +
                   quality_notes_text(result, console.width()));
    }
    return interrupted() ? interrupt_exit_code() : 0;
  }

 private:
  Result<Json> measure(Console& console, const std::filesystem::path& scratch) {
    ProfilingOptions options;
    options.workload.modalities = TRY(parse_modalities(modalities_));
    options.workload.grey = TRY(parse_grey(grey_, options.workload.modalities));
    zoo::OpenOptions open = TRY(model_.options());
    open.import.types_by_run = types_by_run(runner_.setup(open.import.shapes));
    console.phase("opening the model");
    options.model = TRY(zoo::open_model(model_.source(), scratch, open));
    options.model.file = TRY(zoo::runnable_file(options.model, scratch, open.import.limits));
    TRY(check_frame(options));
    TRY(options.workload.check_grey(options.model.model.graph));
    const Graph& graph = options.model.model.graph;
    options.workload.given = TRY(inputs_.given(options.workload.frame_inputs(graph)));
    options.workload.seed = inputs_.seed();
    options.setup = runner_.setup(open.import.shapes);
    options.setup.interrupted = interrupted;
    options.measuring.repetitions = time_.repetitions();
    options.measuring.rules = time_.rules();
    options.measuring.before_repetition = [&console](int repetition, int of) {
      console.phase(fmt::format("timing, process {} of {}", repetition + 1, of));
    };
    options.measuring.at_least_one = true;
    options.profile_iterations = profile_iterations_;
    options.probe_clocks = probe_clocks_;
    options.command = console.command();
    options.phase = [&console](const std::string& phase) { console.phase(phase); };
    options.setup.progress = options.phase;
    return profile_model(options);
  }

  static Result<void> check_frame(const ProfilingOptions& options) {
    const Graph& graph = options.model.model.graph;
    const optimize::Workload& workload = options.workload;
    if (workload.modalities.size() < 2 || graph.inputs().size() == 1 ||
        workload.is_batched(graph)) {
      return {};
    }
    return fail_with_hint(ErrorCode::kUsage,
                          fmt::format("--modalities needs a model with one input; this has {}",
                                      graph.inputs().size()),
                          "leave it out, and one frame is one call");
  }

  ProfileTextOptions text_options() const {
    ProfileTextOptions options;
    if (sort_ == "name") options.order = LayerOrder::kName;
    if (sort_ == "flops") options.order = LayerOrder::kFlops;
    if (sort_ == "order") options.order = LayerOrder::kExecution;
    options.top = top_ == 0 ? std::numeric_limits<size_t>::max() : static_cast<size_t>(top_);
    options.tree = tree_;
    options.tree_depth = static_cast<size_t>(depth_);
    return options;
  }

  ModelArguments model_;
  InputArguments inputs_;
  RunnerArguments runner_;
  TimeArguments time_{3};
  std::string modalities_;
  std::string grey_;
  std::string sort_ = "time";
  int64_t profile_iterations_ = 20;
  int64_t top_ = 20;
  int64_t depth_ = 3;
  bool probe_clocks_ = false;
  bool tree_ = false;
  bool force_ = false;
  std::filesystem::path report_;
  std::filesystem::path output_;
};

}  // namespace

std::unique_ptr<Verb> make_profile() { return std::make_unique<Profile>(); }

}  // namespace nitro::cli
