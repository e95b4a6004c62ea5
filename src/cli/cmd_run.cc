#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/text.h"
#include "cli/input_arguments.h"
#include "cli/model_arguments.h"
#include "cli/runner_arguments.h"
#include "cli/table.h"
#include "cli/types_by_run.h"
#include "cli/verbs.h"
#include "runner/npy.h"

namespace nitro::cli {
namespace {

constexpr size_t kShownValues = 4;

/// What is said of an output; the numbers are of its finite values.
struct OutputSummary {
  std::string name;
  TensorType type;
  double least = 0;
  double greatest = 0;
  double mean = 0;
  int64_t not_finite = 0;
  std::vector<double> first = {};
  std::string file = {};
};

OutputSummary summarize(const std::string& name, const Tensor& tensor) {
  OutputSummary summary{name, tensor.type()};
  const std::vector<double> values = tensor.as<double>();
  std::vector<double> finite;
  std::ranges::copy_if(values, std::back_inserter(finite),
                       [](double x) { return std::isfinite(x); });
  summary.not_finite = static_cast<int64_t>(values.size() - finite.size());
  if (!finite.empty()) {
    summary.least = std::ranges::min(finite);
    summary.greatest = std::ranges::max(finite);
    double sum = 0;
    for (double value : finite) sum += value;
    summary.mean = sum / static_cast<double>(finite.size());
  }
  summary.first.assign(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(
                                                            std::min(values.size(), kShownValues)));
  return summary;
}

class Run final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    model_.declare(arguments);
    inputs_.declare(arguments);
    runner_.declare(arguments);
    arguments.option("-o,--output", "Folder for the outputs: output_0.npy, ...", output_);
  }

  Result<int> run(Console& console) override {
    TRY(runner_.check_board());
    const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-run"));
    zoo::OpenOptions open = TRY(model_.options());
    open.import.types_by_run = types_by_run(runner_.setup(open.import.shapes));
    console.phase("opening the model");
    const zoo::OpenedModel opened = TRY(zoo::open_model(model_.source(), scratch.path(), open));
    const Graph& graph = opened.model.graph;
    const std::filesystem::path file =
        TRY(zoo::runnable_file(opened, scratch.path(), open.import.limits));
    const runner::NamedTensors inputs = TRY(inputs_.tensors(graph));
    const optimize::Frame frame{"model", file, {inputs}};
    console.phase("running");
    optimize::RunSetup setup = runner_.setup(open.import.shapes);
    setup.progress = [&console](const std::string& phase) { console.phase(phase); };
    const auto outputs = TRY(optimize::run_frame(frame, setup));
    std::vector<OutputSummary> summaries;
    for (ValueId id : graph.outputs()) {
      const std::string& name = graph.value(id).name;
      const auto found = outputs[0].find(name);
      if (found == outputs[0].end()) {
        return fail(ErrorCode::kRunnerFailed, "the runner gave no output '{}'", display(name, 80));
      }
      summaries.push_back(summarize(name, found->second));
      TRY(save(summaries.back(), found->second, summaries.size() - 1));
    }
    show(console, summaries);
    if (const std::string note = inputs_.note(graph); !note.empty()) console.note(note);
    return 0;
  }

 private:
  Result<void> save(OutputSummary& summary, const Tensor& tensor, size_t index) const {
    if (output_.empty()) return {};
    std::error_code error;
    std::filesystem::create_directories(output_, error);
    if (error) {
      return fail(ErrorCode::kInputOutput, "cannot make the folder {}: {}",
                  display(output_.native()), error.message());
    }
    // The names of a model are not fit for files.
    const std::filesystem::path file = output_ / fmt::format("output_{}.npy", index);
    summary.file = file.native();
    return runner::write_npy(file, tensor);
  }

  static void show(Console& console, const std::vector<OutputSummary>& summaries) {
    Table table({{"OUTPUT", Align::kLeft, true},
                 {"TYPE"},
                 {"LEAST", Align::kRight},
                 {"GREATEST", Align::kRight},
                 {"MEAN", Align::kRight},
                 {"FIRST", Align::kLeft, true},
                 {"FILE", Align::kLeft, true}});
    Json outputs = Json::array();
    for (const OutputSummary& summary : summaries) {
      std::string first;
      for (double value : summary.first) first += fmt::format("{:.5g} ", value);
      table.add({summary.name, text(summary.type), fmt::format("{:.5g}", summary.least),
                 fmt::format("{:.5g}", summary.greatest), fmt::format("{:.5g}", summary.mean),
                 first, summary.file});
      outputs.push_back(Json::object({{"name", summary.name},
                                      {"dtype", name(summary.type.dtype)},
                                      {"shape", Json::array_of(summary.type.shape)},
                                      {"least", summary.least},
                                      {"greatest", summary.greatest},
                                      {"mean", summary.mean},
                                      {"not_finite", summary.not_finite},
                                      {"first", Json::array_of(summary.first)},
                                      {"file", summary.file}}));
      if (summary.not_finite > 0) {
        console.note(fmt::format("warning: {} has {} values that are not finite",
                                 display(summary.name, 80), summary.not_finite));
      }
    }
    console.text(table.text());
    console.document(Json::object({{"outputs", std::move(outputs)}}));
  }

  ModelArguments model_;
  InputArguments inputs_;
  RunnerArguments runner_;
  std::filesystem::path output_;
};

}  // namespace

std::unique_ptr<Verb> make_run() { return std::make_unique<Run>(); }

}  // namespace nitro::cli
