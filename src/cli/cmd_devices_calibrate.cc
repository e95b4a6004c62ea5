#include <fmt/ranges.h>

#include <optional>

#include "base/text.h"
#include "cli/calibrate_text.h"
#include "cli/interrupt.h"
#include "cli/output_file.h"
#include "cli/profile_text.h"
#include "cli/verbs.h"
#include "predict/measured_device.h"
#include "runner/board_notes.h"
#include "runner/ssh_host.h"

namespace nitro::cli {
namespace {

/// Fewer say nothing of most rates.
constexpr size_t kFewest = 10;

class DevicesCalibrate final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    arguments.option("--device", "ssh://user@host: the board; default: the GPU of this machine",
                     board_);
    arguments.option("--runner", "Whose rates: cuda (default), Nitro's own engine, or trtexec",
                     runner_);
    arguments.option("--runtime",
                     fmt::format("What that is to `nitro predict`: {}; default: nitro, and of "
                                 "trtexec the usual one of --like, else tensorrt-8",
                                 fmt::join(predict::runtime_names(), ", ")),
                     runtime_);
    arguments.option("--like",
                     "A device of `nitro devices`, or a .toml file, whose peaks and other rates "
                     "count; default: what the runner measures",
                     like_);
    arguments.flag("--quick",
                   "Measures no whole networks; the interval then is that of kinds of layers that "
                   "were held out",
                   quick_);
    arguments.flag("--lock-clocks", "Fixes the clocks of the board meanwhile, and sets them back",
                   lock_clocks_);
    arguments.option("--python", "The Python for backends that are Python packages", python_);
    arguments.option("-o,--output", "The .toml file to write", output_);
    arguments.flag("--force", "Overwrites a file", force_);
  }

  Result<int> run(Console& console) override {
    TRY(check());
    const predict::BenchmarkSetup setup = make_setup(console);
    std::optional<predict::Device> like;
    if (!like_.empty()) like = TRY(predict::find_device(like_));
    const predict::Runtime& runtime = *TRY(runtime_for(like));
    note_signals();
    console.phase("measuring the peaks of the device");
    const predict::RunnerDescription description = TRY(predict::describe_runner(setup));
    CalibratedDevice calibrated{description.info};
    calibrated.device = TRY(starting_device(description, like));
    const auto benchmarks = TRY(measured(predict::benchmarks(), runtime, setup, calibrated));
    std::vector<predict::MeasuredNet> networks;
    if (!quick_)
      networks = TRY(measured(predict::benchmark_networks(), runtime, setup, calibrated));
    if (benchmarks.size() < kFewest) {
      return fail(ErrorCode::kEnvironment, "only {} benchmarks ran; the first of the others: {}",
                  benchmarks.size(), calibrated.left_out[0]);
    }
    console.phase("fitting the rates");
    calibrated.calibration = predict::calibrate(benchmarks, networks, runtime);
    if (interrupted())
      return fail(ErrorCode::kInterrupted, "interrupted before the file was written");
    predict::FittedRates rates = calibrated.calibration.rates;
    rates.source = source_text(calibrated);
    calibrated.device.rates[runtime.name] = std::move(rates);
    calibrated.runtime = calibrated.device.runtime = runtime.name;
    TRY(write_output(console, output_, predict::to_toml(calibrated.device), force_));
    show(console, calibrated);
    return 0;
  }

 private:
  Result<void> check() const {
    if (output_.empty())
      return fail_with_hint(ErrorCode::kUsage, "no file to write", "-o my-board.toml");
    if (output_.extension() != ".toml") {
      return fail_with_hint(ErrorCode::kUsage, "a device is a .toml file",
                            fmt::format("-o {}.toml", display(output_.native(), 80)));
    }
    if (!board_.empty() && !board_.starts_with(runner::kSshScheme)) {
      return fail_with_hint(
          ErrorCode::kUsage,
          fmt::format("'{}' is no board that can be reached", display(board_, 80)),
          "name one as ssh://user@host");
    }
    if (lock_clocks_ && board_.empty())
      return fail(ErrorCode::kUsage, "--lock-clocks needs a board: --device ssh://user@host");
    return check_replaceable(output_, force_);
  }

  /// That whose layers the runner executes.
  Result<const predict::Runtime*> runtime_for(const std::optional<predict::Device>& like) const {
    const bool own = runner_ == "cuda";
    if (!own && runner_ != "trtexec") {
      return fail_with_hint(
          ErrorCode::kUsage,
          fmt::format("latencies of the runner {} cannot be predicted", display(runner_, 40)),
          "runners: cuda, trtexec");
    }
    std::string name = runtime_;
    if (name.empty()) name = own ? "nitro" : like ? like->runtime : predict::Device().runtime;
    const predict::Runtime* runtime = TRY(predict::find_runtime(name));
    if (runtime->own_plan != own) {
      return fail_with_hint(ErrorCode::kUsage,
                            fmt::format("the runner {} is no {}", runner_, runtime->title),
                            "name a runtime that it is, with --runtime");
    }
    return runtime;
  }

  predict::BenchmarkSetup make_setup(Console& console) const {
    predict::BenchmarkSetup setup;
    setup.runner = !board_.empty() && runner_ == "cuda" ? "ssh" : runner_;
    setup.start.python = python_;
    setup.start.board = board_;
    setup.start.lock_clocks = lock_clocks_;
    setup.start.patience.interrupted = interrupted;
    setup.load.provider = "cuda";
    setup.phase = [&console](const std::string& phase) { console.phase(phase); };
    return setup;
  }

  Result<predict::Device> starting_device(const predict::RunnerDescription& description,
                                          const std::optional<predict::Device>& like) const {
    const std::string name = output_.stem().string();
    if (!like) return predict::measured_device(description, name);
    predict::Device device = *like;
    if (device.name != name) device.source = fmt::format("as {}: {}", device.name, device.source);
    device.name = name;
    return device;
  }

  static Result<std::vector<predict::MeasuredNet>> measured(
      const std::vector<predict::Benchmark>& list, const predict::Runtime& runtime,
      const predict::BenchmarkSetup& setup, CalibratedDevice& calibrated) {
    predict::MeasuredBenchmarks all =
        TRY(predict::measure_benchmarks(list, calibrated.device, runtime, setup));
    calibrated.left_out.insert(calibrated.left_out.end(), all.left_out.begin(), all.left_out.end());
    return std::move(all.nets);
  }

  void show(Console& console, const CalibratedDevice& calibrated) const {
    Json document = calibrate_json(calibrated);
    document["file"] = output_.native();
    document["quality_notes"] =
        measure::to_json(runner::machine_notes(calibrated.info, measure::read_environment()));
    console.text(calibrate_text(calibrated, console.width()));
    console.text(quality_notes_text(document, console.width()));
    console.text(fmt::format("wrote {}: nitro predict MODEL --device {} --runtime {}\n",
                             display(output_.native()), display(output_.native()),
                             calibrated.runtime));
    console.document(document);
  }

  std::string board_;
  std::string runner_ = "cuda";
  std::string runtime_;
  std::string like_;
  std::filesystem::path python_;
  std::filesystem::path output_;
  bool quick_ = false;
  bool lock_clocks_ = false;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_devices_calibrate() { return std::make_unique<DevicesCalibrate>(); }

}  // namespace nitro::cli
