#include "optimize/frame.h"

#include "runner/registry.h"

namespace nitro::optimize {
namespace {

runner::StartOptions start_options(const RunSetup& setup) {
  runner::StartOptions options;
  options.python = setup.python;
  options.precision = setup.precision;
  options.board = setup.board;
  options.lock_clocks = setup.lock_clocks;
  return options;
}

/// One repetition in a fresh process.
Result<runner::TimeReply> time_once(const std::vector<Frame>& frames, const RunSetup& setup,
                                    const runner::TimeRules& rules) {
  runner::Runner runner = TRY(start_interruptible_runner(setup));
  std::vector<runner::Workload> workloads;
  for (const Frame& frame : frames) workloads.push_back(TRY(load_frame(runner, frame, setup)));
  runner::TimeReply reply = TRY(runner.time(workloads, rules));
  TRY(runner.bye());
  return reply;
}

/// A repetition that cannot be interrupted, because it is over at once.
Result<runner::TimeReply> time_briefly(const std::vector<Frame>& frames, RunSetup setup) {
  setup.interrupted = [] { return false; };
  auto reply = TRY(time_once(
      frames, setup,
      {.warmup_ns = 0, .max_warmup_ns = 0, .min_samples = 1, .max_samples = 3, .min_ns = 0}));
  reply.stopped_by = "interrupted";
  return reply;
}

void append(std::vector<FrameSamples>& results, runner::TimeReply& reply) {
  for (size_t i = 0; i < results.size(); ++i) {
    results[i].repetitions.push_back(std::move(reply.variants[i].samples_ns));
    results[i].stopped_by = reply.stopped_by;
    if (reply.variants[i].power_mw && reply.idle_power_mw) {
      results[i].power_mw.push_back(*reply.variants[i].power_mw);
      results[i].idle_power_mw.push_back(*reply.idle_power_mw);
    }
    results[i].warmed_up = results[i].warmed_up && reply.variants[i].warmup_stable;
  }
}

}  // namespace

Result<runner::Runner> start_runner(const RunSetup& setup) {
  return runner::start_runner(setup.runner, start_options(setup));
}

Result<runner::Runner> start_interruptible_runner(const RunSetup& setup) {
  runner::StartOptions options = start_options(setup);
  options.patience.interrupted = setup.interrupted;
  options.patience.progress = setup.progress;
  return runner::start_runner(setup.runner, options);
}

Result<runner::Workload> load_frame(runner::Runner& runner, const Frame& frame,
                                    const RunSetup& setup) {
  const runner::LoadedModel model =
      TRY(in_context(runner.load(frame.model, setup.load), frame.label));
  runner::Workload workload;
  for (const runner::NamedTensors& inputs : frame.calls) {
    workload.push_back({model.handle, TRY(runner.stage(inputs))});
  }
  return workload;
}

Result<std::vector<FrameSamples>> measure_frames(const std::vector<Frame>& frames,
                                                 const RunSetup& setup,
                                                 const MeasureOptions& options) {
  std::vector<FrameSamples> results(frames.size());
  for (int repetition = 0; repetition < options.repetitions; ++repetition) {
    if (setup.interrupted()) break;
    options.before_repetition(repetition, options.repetitions);
    Result<runner::TimeReply> reply = time_once(frames, setup, options.rules);
    if (!reply && reply.error().code == ErrorCode::kInterrupted) break;
    if (!reply) return std::unexpected(reply.error());
    append(results, *reply);
  }
  if (options.at_least_one && results[0].repetitions.empty()) {
    runner::TimeReply reply = TRY(time_briefly(frames, setup));
    append(results, reply);
  }
  return results;
}

Result<std::vector<runner::NamedTensors>> run_frame(const Frame& frame, const RunSetup& setup) {
  runner::Runner runner = TRY(start_interruptible_runner(setup));
  std::vector<runner::NamedTensors> outputs;
  for (const runner::Call& call : TRY(load_frame(runner, frame, setup)))
    outputs.push_back(TRY(runner.run(call)));
  TRY(runner.bye());
  return outputs;
}

Result<runner::NodeProfile> profile_frame(const Frame& frame, const RunSetup& setup,
                                          int64_t iterations) {
  runner::Runner runner = TRY(start_interruptible_runner(setup));
  const runner::Workload workload = TRY(load_frame(runner, frame, setup));
  runner::NodeProfile profile = TRY(runner.profile(workload[0], iterations));
  TRY(runner.bye());
  return profile;
}

}  // namespace nitro::optimize
