#include "cli/runner_arguments.h"

#include <algorithm>

#include "base/text.h"
#include "measure/environment.h"
#include "runner/ssh_host.h"

namespace nitro::cli {

void RunnerArguments::declare(Arguments& arguments) {
  arguments.option(
      "--runner", "The backend (default ort; on a board Nitro's engine); `nitro doctor` lists them",
      runner_);
  arguments.option("--threads", "Threads of the backend; default: all usable processors", threads_,
                   0);
  arguments.choice("--graph-level", "What the backend may rewrite (default all)", graph_level_,
                   {"all", "extended", "basic", "none"});
  arguments.choice("--provider",
                   "Where the backend computes (default cpu; with --runner cuda or trtexec, cuda)",
                   provider_, {"cpu", "cuda"});
  arguments.choice("--precision",
                   "Of the values in memory, with --runner cuda or trtexec (default f16)",
                   precision_, {"f16", "f32"});
  arguments.flag("--fp16", "The same as --precision f16", fp16_);
  arguments.option("--device",
                   "ssh://user@host: the board that computes, with Nitro's engine or --runner "
                   "trtexec; for optimize also "
                   "one of `nitro devices`, whose predicted times then decide",
                   device_);
  arguments.flag("--lock-clocks",
                 "Fixes the clocks of that board while it computes, and sets them back",
                 lock_clocks_);
  arguments.flag("--no-spin", "Lets idle threads of the backend sleep at once", no_spin_);
  arguments.option("--python", "The Python for backends that are Python packages", python_);
}

optimize::RunSetup RunnerArguments::setup(const std::map<std::string, Shape>& shapes) const {
  optimize::RunSetup setup;
  setup.runner = runner();
  if (on_board()) setup.board = device_;
  setup.lock_clocks = lock_clocks_;
  setup.python = python_;
  const int usable = measure::read_environment().usable_processors;
  setup.load.threads = threads_ > 0 ? threads_ : std::max(1, usable);
  if (setup.runner == "reference") setup.load.threads = 1;  // it has no more
  setup.load.graph_level = graph_level_;
  const bool gpu = on_board() || setup.runner == "cuda" || setup.runner == "trtexec";
  setup.load.provider = !provider_.empty() ? provider_ : gpu ? "cuda" : "cpu";
  setup.precision = fp16_ ? "f16" : precision_;
  setup.load.spin = !no_spin_;
  setup.load.shapes = shapes;
  return setup;
}

std::string RunnerArguments::runner() const {
  if (!runner_.empty()) return runner_;
  return on_board() ? "ssh" : "ort";
}

bool RunnerArguments::on_board() const { return device_.starts_with(runner::kSshScheme); }

std::string RunnerArguments::predicted_device() const { return on_board() ? "" : device_; }

Result<void> RunnerArguments::needs_board(std::string_view option) const {
  if (on_board()) return {};
  return fail(ErrorCode::kUsage, "{} needs a board: --device ssh://user@host", option);
}

Result<void> RunnerArguments::check_runner() const {
  if (lock_clocks_) TRY(needs_board("--lock-clocks"));
  if (!on_board() || runner() == "ssh" || runner() == "trtexec") return {};
  return fail_with_hint(ErrorCode::kUsage,
                        fmt::format("the runner {} is of this machine, and {} is another",
                                    display(runner(), 40), display(device_, 80)),
                        "leave --runner out, or choose --runner trtexec");
}

Result<void> RunnerArguments::check_board() const {
  TRY(check_runner());
  if (predicted_device().empty()) return {};
  return fail_with_hint(
      ErrorCode::kUsage, fmt::format("'{}' is no board that can be reached", display(device_, 80)),
      "name one as ssh://user@host; nitro predict is for devices that are not here");
}

}  // namespace nitro::cli
