#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "runner/client.h"

namespace nitro::optimize {

/// One way to compute a frame: a model file, and the inputs of each of its calls.
struct Frame {
  std::string label;
  std::filesystem::path model;
  std::vector<runner::NamedTensors> calls;
};

/// How frames are run.
struct RunSetup {
  std::string runner = "ort";
  std::filesystem::path python;
  std::string precision = {};  // f16 or f32; empty: the runner's own choice
  std::string board = {};      // ssh://user@host; empty: this machine
  bool lock_clocks = false;    // of the board
  runner::LoadOptions load;
  /// Once it is true, whatever runs ends within about a second.
  std::function<bool()> interrupted = [] { return false; };
  /// Told what a runner says while it works for long.
  std::function<void(const std::string&)> progress = [](const std::string&) {};
};

/// Starts the runner of `setup` and says hello, which nothing interrupts.
Result<runner::Runner> start_runner(const RunSetup& setup);

/// The same for measuring: once setup.interrupted(), its requests end with kInterrupted.
Result<runner::Runner> start_interruptible_runner(const RunSetup& setup);

/// Loads the model of `frame` and writes its inputs: what the runner times as one frame.
Result<runner::Workload> load_frame(runner::Runner& runner, const Frame& frame,
                                    const RunSetup& setup);

/// Raw samples of several frames, measured side by side.
struct FrameSamples {
  std::vector<std::vector<int64_t>> repetitions;  // one list per fresh process
  std::string stopped_by;
  bool warmed_up = true;
  std::vector<double> power_mw = {};       // of each repetition, where the machine has a sensor
  std::vector<double> idle_power_mw = {};  // before it
};

struct MeasureOptions {
  int repetitions = 5;
  runner::TimeRules rules;
  std::function<void(int repetition, int of)> before_repetition = [](int, int) {};
  /// Takes a brief repetition all the same where the first one is interrupted without a sample.
  bool at_least_one = false;
};

/// Times `frames` in alternation within each repetition; every repetition is a fresh runner
/// process. Result i belongs to frame i. Interrupted, it returns what there is, maybe nothing.
Result<std::vector<FrameSamples>> measure_frames(const std::vector<Frame>& frames,
                                                 const RunSetup& setup,
                                                 const MeasureOptions& options);

/// The outputs of each call of `frame`, from one fresh runner process. Fails with kInterrupted.
Result<std::vector<runner::NamedTensors>> run_frame(const Frame& frame, const RunSetup& setup);

/// Per-node times of one call of `frame`, from a fresh runner process. Fails with kInterrupted.
Result<runner::NodeProfile> profile_frame(const Frame& frame, const RunSetup& setup,
                                          int64_t iterations);

}  // namespace nitro::optimize
