#include "runner/cuda_profile.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "plan/kernel_json.h"

namespace nitro::runner {
namespace {

/// What events of CUDA resolve, by its documentation.
constexpr int64_t kResolutionNs = 500;

/// Steps of which graphs are held at the same time: two for each, with a node for every step.
constexpr size_t kMostSteps = 32;

/// Of each step, one duration per iteration.
using Durations = std::vector<std::vector<int64_t>>;

struct Measured {
  explicit Measured(size_t steps) : in_graph(steps), again(steps), alone(steps) {}

  Durations in_graph;
  Durations again;
  Durations alone;
  std::vector<int64_t> run_ns;    // the graph, each iteration's time
  std::vector<int64_t> start_ns;  // launching and awaiting a graph, less its steps
};

int64_t rounded(double nanoseconds) {
  return std::max<int64_t>(0, static_cast<int64_t>(std::llround(nanoseconds)));
}

/// By the host, from the launch until the graph is waited for.
Result<double> time_of_launch(cuda::Engine& engine, const cuda::Recording& graph) {
  const cuda::CurrentContext current(engine.device());
  const auto begin = std::chrono::steady_clock::now();
  TRY(graph.launch(engine.stream()));
  TRY(engine.synchronize());
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
}

/// The graphs that measure steps `first` up to `end`.
struct StepGraphs {
  size_t first = 0;
  size_t end = 0;
  std::vector<cuda::Recording> until;  // the steps before first, …, those before end
  std::vector<cuda::Recording> twice;  // all steps; with first once more after itself, …
};

Result<StepGraphs> record(const cuda::Engine& engine, size_t first, size_t end, bool again) {
  StepGraphs graphs{first, end, {}, {}};
  std::vector<size_t> steps(engine.plan().steps.size());
  std::iota(steps.begin(), steps.end(), size_t{0});
  for (size_t count = first; count <= end; ++count) {
    graphs.until.push_back(TRY(engine.record(std::span(steps).first(count))));
  }
  graphs.twice.push_back(TRY(engine.record()));
  for (size_t step = first; again && step < end; ++step) {
    std::vector<size_t> order = steps;
    order.insert(order.begin() + static_cast<std::ptrdiff_t>(step), step);
    graphs.twice.push_back(TRY(engine.record(order)));
  }
  return graphs;
}

/// Nanoseconds of each graph, run after the whole one: it finds in the caches what a frame finds
/// there.
Result<std::vector<double>> times_after_a_run(cuda::Engine& engine,
                                              std::span<const cuda::Recording> graphs) {
  std::vector<const cuda::Recording*> order;
  for (const cuda::Recording& graph : graphs) {
    order.push_back(&engine.recording());
    order.push_back(&graph);
  }
  const std::vector<double> times = TRY(engine.times(order));
  std::vector<double> result;
  for (size_t i = 1; i < times.size(); i += 2) result.push_back(times[i]);
  return result;
}

/// One iteration of the steps that the graphs are for.
Result<void> replay(cuda::Engine& engine, const StepGraphs& graphs, Measured& measured) {
  const std::vector<double> until = TRY(times_after_a_run(engine, graphs.until));
  const std::vector<double> twice = TRY(times_after_a_run(engine, graphs.twice));
  for (size_t i = 0; i + 1 < until.size(); ++i)
    measured.in_graph[graphs.first + i].push_back(rounded(until[i + 1] - until[i]));
  for (size_t i = 0; i + 1 < twice.size(); ++i)
    measured.again[graphs.first + i].push_back(rounded(twice[i + 1] - twice[0]));
  if (graphs.first > 0 || graphs.end == 0) return {};
  measured.run_ns.push_back(rounded(twice[0]));
  const double launch_ns = TRY(time_of_launch(engine, graphs.until[1]));
  measured.start_ns.push_back(rounded(launch_ns - (until[1] - until[0])));
  return {};
}

/// `all_ways`: also again and alone.
Result<Measured> measure_steps(cuda::Engine& engine, int64_t iterations, bool all_ways) {
  const size_t steps = engine.plan().steps.size();
  Measured measured(steps);
  TRY(engine.run());
  TRY(engine.synchronize());
  for (int64_t i = 0; all_ways && i < iterations; ++i) {
    const std::vector<double> alone = TRY(engine.step_times());
    for (size_t step = 0; step < steps; ++step) {
      measured.alone[step].push_back(rounded(alone[step]));
    }
  }
  size_t first = 0;
  do {
    const StepGraphs graphs =
        TRY(record(engine, first, std::min(steps, first + kMostSteps), all_ways));
    for (int64_t i = 0; i < iterations; ++i) TRY(replay(engine, graphs, measured));
    first = graphs.end;
  } while (first < steps);
  return measured;
}

/// When the GPU executed each step in runs of the graph.
struct Activity {
  explicit Activity(size_t steps) : kernel(steps), gap(steps) {}

  Durations kernel;
  Durations gap;  // since the end of the step before; below 0 where they overlap
};

Result<Activity> measure_activity(cuda::Engine& engine, int64_t iterations,
                                  const KernelRecorders& recorders) {
  if (!recorders.record) return fail(ErrorCode::kUsage, "only times were wanted");
  const auto kernels = TRY(recorders.record([&]() -> Result<void> {
    const cuda::Recording run = TRY(engine.record());
    const cuda::CurrentContext current(engine.device());
    for (int64_t i = 0; i < iterations; ++i) TRY(run.launch(engine.stream()));
    return engine.synchronize();
  }));
  const size_t steps = engine.plan().steps.size();
  if (kernels.size() != steps * static_cast<size_t>(iterations)) {
    return fail(ErrorCode::kEnvironment, "CUPTI recorded {} kernels in {} runs of {}",
                kernels.size(), iterations, steps);
  }
  Activity activity(steps);
  for (size_t i = 0; i < kernels.size(); ++i) {
    const size_t step = i % steps;
    activity.kernel[step].push_back(kernels[i].end_ns - kernels[i].start_ns);
    activity.gap[step].push_back(step == 0 ? 0 : kernels[i].start_ns - kernels[i - 1].end_ns);
  }
  return activity;
}

/// The counters of each step.
Result<std::vector<cuda::KernelCounters>> measure_counters(cuda::Engine& engine,
                                                           const KernelRecorders& recorders) {
  if (!recorders.count) return fail(ErrorCode::kUsage, "only times were wanted");
  const size_t steps = engine.plan().steps.size();
  auto counters = TRY(recorders.count(steps, [&]() -> Result<void> {
    TRY(engine.run_steps());
    return engine.synchronize();
  }));
  if (counters.size() == steps) return counters;
  return fail(ErrorCode::kEnvironment, "CUPTI counted {} kernels in a run of {}", counters.size(),
              steps);
}

/// A buffer's name: that of its port, or its number.
std::string name_of(const plan::Plan& plan, plan::BufferId id) {
  const plan::Buffer& buffer = plan.buffers[id];
  const auto place = static_cast<size_t>(buffer.place);
  if (buffer.kind == plan::Buffer::Kind::kInput) return plan.inputs[place].name;
  if (buffer.kind == plan::Buffer::Kind::kOutput) return plan.outputs[place].name;
  return fmt::format("buffer {}", id);
}

Json names(const plan::Plan& plan, const std::vector<plan::BufferId>& ids) {
  Json list = Json::array();
  for (plan::BufferId id : ids) list.push_back(name_of(plan, id));
  return list;
}

Json shapes(const plan::Plan& plan, const std::vector<plan::BufferId>& ids) {
  Json list = Json::array();
  for (plan::BufferId id : ids) {
    const TensorType& type = plan.buffers[id].type;
    list.push_back(
        Json::object({{"dtype", name(type.dtype)}, {"shape", Json::array_of(type.shape)}}));
  }
  return list;
}

Json kernel_json(const cuda::StepKernel& kernel) {
  const cuda::Program& program = kernel.program;
  return Json::object({{"variant", program.variant},
                       {"grid", Json::array_of(program.grid)},
                       {"threads", program.threads},
                       {"cluster", program.cluster},
                       {"registers", kernel.registers},
                       {"local_bytes", kernel.local_bytes},
                       {"shared_bytes", program.shared_bytes + kernel.static_shared_bytes},
                       {"blocks_per_multiprocessor", kernel.blocks_per_multiprocessor}});
}

double waves(const cuda::Engine& engine, const cuda::Program& program) {
  double blocks = 1;
  for (const int64_t extent : program.grid) blocks *= static_cast<double>(extent);
  return blocks / static_cast<double>(engine.device().target().multiprocessors);
}

Json node_json(const cuda::Engine& engine, size_t index, const Measured& measured,
               const Result<Activity>& activity) {
  const plan::Plan& plan = engine.plan();
  const plan::Step& step = plan.steps[index];
  Json origins = Json::array();
  for (OriginId origin : step.origins) origins.push_back(plan.origins[origin].node);
  Json json = Json::object();
  json["name"] = step.name;
  json["op_type"] = plan::family(step.kernel);
  json["domain"] = "";
  json["index"] = index;
  json["inputs"] = names(plan, plan::reads(step.kernel));
  json["outputs"] = names(plan, plan::writes(step.kernel));
  json["durations_ns"] = Json::array_of(measured.in_graph[index]);
  json["output_shapes"] = shapes(plan, plan::writes(step.kernel));
  json["provider"] = "cuda";
  json["origins"] = std::move(origins);
  json["flops"] = step.cost.flops;
  json["bytes"] = step.cost.bytes();
  json["again_ns"] = Json::array_of(measured.again[index]);
  json["alone_ns"] = Json::array_of(measured.alone[index]);
  if (activity) {
    json["kernel_ns"] = Json::array_of(activity->kernel[index]);
    json["gap_ns"] = Json::array_of(activity->gap[index]);
  }
  json["arithmetic"] = cuda::name(engine.kernels()[index].program.arithmetic);
  if (const int64_t bytes = engine.kernels()[index].program.operand_bytes; bytes > 0)
    json["operand_bytes"] = bytes;
  json["waves"] = waves(engine, engine.kernels()[index].program);
  json["kernel"] = kernel_json(engine.kernels()[index]);
  return json;
}

std::string reason(const Error& error) {
  return error.text() + (error.hint.empty() ? "" : "; " + error.hint);
}

}  // namespace

Result<Json> profile_cuda(CudaModel& model, int64_t iterations, const KernelRecorders& recorders) {
  cuda::Engine& engine = model.engine();
  const Measured measured = TRY(measure_steps(engine, iterations, recorders.record != nullptr));
  // Last: a recorder may slow what comes after it.
  const Result<Activity> activity = measure_activity(engine, iterations, recorders);
  const auto counters = measure_counters(engine, recorders);
  Json nodes = Json::array();
  for (size_t i = 0; i < model.plan().steps.size(); ++i) {
    Json node = node_json(engine, i, measured, activity);
    if (counters) node["counters"] = cuda::to_json((*counters)[i]);
    nodes.push_back(std::move(node));
  }
  Json reply = Json::object();
  if (!activity && recorders.record) reply["activity_error"] = reason(activity.error());
  if (!counters && recorders.count) reply["counters_error"] = reason(counters.error());
  reply["nodes"] = std::move(nodes);
  reply["unseen"] = Json::array();
  reply["run_ns"] = Json::array_of(measured.run_ns);
  reply["execute_ns"] = Json::array_of(measured.run_ns);
  reply["start_ns"] = Json::array_of(measured.start_ns);
  reply["resolution_ns"] = kResolutionNs;
  reply["host_launch_times"] = false;
  return reply;
}

}  // namespace nitro::runner
