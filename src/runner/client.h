#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/file.h"
#include "ir/tensor.h"
#include "runner/clocks.h"
#include "runner/protocol.h"
#include "runner/subprocess.h"

namespace nitro::runner {

/// How long a runner may take to answer or to say how far it is. `time` gets its own sampling
/// limits on top of `answer`.
struct Patience {
  std::chrono::milliseconds hello{120'000};
  std::chrono::milliseconds answer{600'000};
  std::chrono::milliseconds bye{10'000};
  size_t max_line_bytes = size_t{64} << 20;
  /// Asked while an answer is awaited. Once it is true, a `time` under way is told to end and has
  /// `stopping` left for its answer; any other request but `bye` ends at once. The runner is then
  /// killed and the request fails with kInterrupted.
  std::function<bool()> interrupted = [] { return false; };
  std::chrono::milliseconds stopping{1'000};
  /// Told what a runner says while it works on a request; each time it may take as long again.
  std::function<void(const std::string&)> progress = [](const std::string&) {};
};

/// Input or output name -> tensor.
using NamedTensors = std::map<std::string, Tensor>;

/// A runner process and the scratch folder shared with it. Every failure of the process (crash,
/// hang, garbage, a lie) is kRunnerFailed and ends it; what it reports about the model or the
/// machine keeps its own code and the runner lives on. Process group and scratch folder go with the
/// object. Destroy it on the thread that started it: the process does not outlive that thread.
class Runner {
 public:
  /// Starts `command` and says hello. `name` is used in messages.
  static Result<Runner> start(std::string name, const Command& command, Patience patience = {});

  /// What hello returned.
  const RunnerInfo& info() const { return info_; }

  Result<LoadedModel> load(const std::filesystem::path& model, const LoadOptions& options = {});
  /// Writes `tensors` to the scratch folder, once for any number of runs.
  Result<StagedInputs> stage(const NamedTensors& tensors);
  /// Removes what stage() wrote, where it would be too much to keep.
  static void unstage(const StagedInputs& staged);
  /// All outputs, checked against what load() said of them.
  Result<NamedTensors> run(const Call& call);
  /// Samples the variants in alternation; each sample is one whole frame, timed in the runner.
  Result<TimeReply> time(const std::vector<Workload>& variants, const TimeRules& rules = {});
  /// `times_only`: no roofs, records of kernels or counters.
  Result<NodeProfile> profile(const Call& call, int64_t iterations, bool times_only = false);
  /// Of the board that it computes on; for runners that can "clocks".
  Result<BoardClocks> clocks(const ClocksWanted& wanted = {});
  Result<void> unload(Handle handle);
  /// Ends the runner in good order.
  Result<void> bye();

  pid_t pid() const { return process_->pid(); }
  const std::filesystem::path& scratch() const { return scratch_.path(); }

 private:
  Runner(std::string name, ScratchFolder scratch, std::unique_ptr<Subprocess> process,
         Patience patience);
  /// One request and the reply to it, which is a success.
  Result<Json> ask(std::string_view verb, Json request, std::chrono::milliseconds patience);
  Result<Json> receive(std::string_view verb, std::chrono::milliseconds patience);
  /// Reads a line; empty where the user interrupted it.
  std::optional<Subprocess::ReadLine> read_line(std::string_view verb, Deadline deadline);
  /// Whether `line` is no reply yet, but says how far the runner is; passes that on.
  bool is_progress(const std::string& line);
  Result<Json> check_reply(std::string_view verb, const std::string& line);
  /// Kills the process; the error names `problem` and the last words on its stderr.
  std::unexpected<Error> give_up(std::string_view verb, std::string problem);
  /// Kills the process because of an interrupt.
  std::unexpected<Error> stop(std::string_view verb);
  /// The value, or give_up() with the error of parsing a reply.
  template <class T>
  Result<T> believed(std::string_view verb, Result<T> parsed);
  Result<Tensor> take_output(const ValueSpec& spec, const std::filesystem::path& path);

  std::string name_;
  ScratchFolder scratch_;
  std::unique_ptr<Subprocess> process_;
  Patience patience_;
  RunnerInfo info_;
  std::map<Handle, LoadedModel> models_;
  int64_t next_id_ = 1;
  int64_t next_file_ = 1;
  std::string ended_;  // why it no longer answers
};

}  // namespace nitro::runner
