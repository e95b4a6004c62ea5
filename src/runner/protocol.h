#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "cuda/arithmetic.h"
#include "cuda/kernel_counters.h"
#include "cuda/roofs.h"
#include "ir/shape.h"

namespace nitro::runner {

inline constexpr int64_t kProtocol = 1;

/// A loaded model, as its runner calls it.
using Handle = int64_t;

/// What a runner says of itself.
struct RunnerInfo {
  std::string runner;
  std::string version;
  Json environment;
  Json devices;
  std::vector<std::string> capabilities;

  bool can(std::string_view capability) const;
};

struct LoadOptions {
  int64_t threads = 1;              // 0: the backend's own choice
  std::string graph_level = "all";  // all, extended, basic, none
  std::string provider = "cpu";     // cpu, cuda
  /// Whether the backend's worker threads may spin between runs, where it has that choice.
  bool spin = true;
  /// Shapes of inputs that have free dimensions, for backends that need them before they run.
  std::map<std::string, Shape> shapes = {};
};

/// An input or output of a loaded model; a free dimension is empty.
struct ValueSpec {
  std::string name;
  std::string dtype_name;
  std::optional<DType> dtype;                                // empty for a type Nitro does not know
  std::optional<std::vector<std::optional<int64_t>>> shape;  // empty where the rank is unknown
};

struct LoadedModel {
  Handle handle = 0;
  std::vector<ValueSpec> inputs;
  std::vector<ValueSpec> outputs;
  int64_t load_ns = 0;
};

/// Input name -> .npy file in the runner's scratch folder.
using StagedInputs = std::map<std::string, std::filesystem::path>;

/// One run of one model.
struct Call {
  Handle handle = 0;
  StagedInputs inputs;
};

/// Calls that are executed one after the other as one frame.
using Workload = std::vector<Call>;

/// When sampling ends. Times are nanoseconds; samples are counted per variant.
struct TimeRules {
  int64_t warmup_ns = 200'000'000;
  int64_t max_warmup_ns = 5'000'000'000;
  int64_t min_samples = 10;
  int64_t max_samples = 100'000;
  int64_t min_ns = 500'000'000;
  int64_t max_ns = 15'000'000'000;
  /// Stop early at this relative half-width of the 95 % interval of the median; 0: never.
  double half_width = 0;
};

/// The samples of one variant, each one whole frame.
struct Timing {
  std::vector<int64_t> samples_ns;
  std::vector<int64_t> stamps_ns;  // start of each sample, on the runner's steady clock
  std::optional<int64_t> cold_ns;  // the first frame, where a model in it had never run before
  int64_t warmup_frames = 0;
  int64_t warmup_ns = 0;
  bool warmup_stable = false;
  std::optional<double> power_mw = {};  // of the machine, while these samples were taken
};

struct TimeReply {
  std::vector<Timing> variants;              // in the order asked for
  std::string stopped_by;                    // precise, count, timeout, interrupted
  std::optional<double> idle_power_mw = {};  // of the machine, before
};

/// One node of the graph that the backend really executed.
struct NodeTime {
  std::string name;
  std::string op_type;
  std::string domain;
  int64_t index = 0;  // place in the order of execution
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<int64_t> durations_ns;  // per iteration
  std::vector<std::vector<int64_t>> output_shapes;
  std::string provider;
  /// Where the runner knows it exactly: names of the nodes that it came from, as the model's
  /// origins name them, and its work.
  std::optional<std::vector<std::string>> origins;
  std::optional<double> flops;
  std::optional<double> bytes;
  /// What the blocks of a kernel on a GPU read of its operands, that of each counted.
  std::optional<double> operand_bytes;
  std::optional<double> waves;    // blocks of such a kernel for each multiprocessor
  std::vector<int64_t> again_ns;  // per iteration, a second time right after; empty: not measured
  std::vector<int64_t> alone_ns;  // per iteration, executed by itself; empty: not measured
  /// Per iteration, from the start to the end of its kernel as the GPU recorded it, and from the
  /// end of the kernel before to its start (below 0: they overlap); empty: not recorded.
  std::vector<int64_t> kernel_ns;
  std::vector<int64_t> gap_ns;
  std::optional<cuda::Arithmetic> arithmetic;  // of a kernel on a GPU
  std::optional<cuda::KernelCounters> counters = {};
};

struct NodeProfile {
  std::vector<NodeTime> nodes;
  std::vector<std::string> unseen;  // nodes of the executed graph without a single event
  std::vector<int64_t> run_ns;      // per iteration, the whole run
  std::vector<int64_t> execute_ns;  // per iteration, the execution of the nodes
  /// Per iteration, starting and awaiting a run without nodes; empty: not measured.
  std::vector<int64_t> start_ns = {};
  int64_t resolution_ns = 1;
  /// Node times are those of the host's launches, not of the work on the device.
  bool host_launch_times = false;
  /// Where above 0, there is one iteration, whose node times are means over this many runs.
  int64_t averaged_runs = 0;
  /// The ceilings of the GPU that executed the nodes, where the runner knows them, or else why not.
  std::optional<cuda::GpuRoofs> gpu_roofs = {};
  std::string gpu_roofs_error = {};
  std::string activity_error = {};  // why the GPU's own record of its kernels is missing
  std::string counters_error = {};  // why the GPU's counters are
};

// Requests: the members besides "id" and "verb".
Json hello_request(const std::filesystem::path& scratch);
Json load_request(const std::filesystem::path& model, const LoadOptions& options);
Json run_request(const Call& call);
Json time_request(const std::vector<Workload>& variants, const TimeRules& rules);
/// `times_only`: no roofs, records of kernels or counters.
Json profile_request(const Call& call, int64_t iterations, bool times_only = false);
Json unload_request(Handle handle);

// Replies. Each fails with kRunnerFailed, naming the first member that is missing, of the wrong
// type, or impossible.
Result<RunnerInfo> parse_hello(const Json& reply);
Result<LoadedModel> parse_load(const Json& reply);
Result<StagedInputs> parse_run(const Json& reply);
Result<TimeReply> parse_time(const Json& reply, size_t variants);
Result<NodeProfile> parse_profile(const Json& reply);
/// The error that a reply with "ok": false carries.
Result<Error> parse_error(const Json& reply);

}  // namespace nitro::runner
