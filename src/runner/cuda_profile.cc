#include "runner/cuda_profile.h"

#include <algorithm>
#include <cmath>

#include "measure/median.h"
#include "plan/kernel_json.h"

namespace nitro::runner {
namespace {

/// What events of CUDA resolve, by its documentation.
constexpr int64_t kResolutionNs = 500;

/// Graphs that are held at the same time: each has a node for every step.
constexpr size_t kMostRecordings = 64;

/// Of each step, one duration per iteration.
using Durations = std::vector<std::vector<int64_t>>;

struct Measured {
  Durations in_graph;
  Durations alone;
  std::vector<int64_t> run_ns;  // the graph, each iteration's median
};

int64_t rounded(double nanoseconds) {
  return std::max<int64_t>(0, static_cast<int64_t>(std::llround(nanoseconds)));
}

/// One time of steps `first` and up in the graph, of which `twice` has the recordings: base, step
/// twice, base, next step twice, …, base. Each is compared with the mean of the bases before and
/// after it, so that drift cancels. Returns the median of the bases.
Result<int64_t> replay(cuda::Engine& engine, size_t first,
                       const std::vector<cuda::Recording>& twice, Measured& measured) {
  std::vector<const cuda::Recording*> order{&engine.recording()};
  for (const cuda::Recording& recording : twice) {
    order.push_back(&recording);
    order.push_back(&engine.recording());
  }
  const std::vector<double> times = TRY(engine.times(order));
  std::vector<double> bases;
  for (size_t i = 0; i < times.size(); i += 2) bases.push_back(times[i]);
  for (size_t i = 0; i < twice.size(); ++i) {
    const double base = (bases[i] + bases[i + 1]) / 2;
    measured.in_graph[first + i].push_back(rounded(times[2 * i + 1] - base));
  }
  return rounded(measure::median(bases));
}

Result<Measured> measure_steps(cuda::Engine& engine, int64_t iterations) {
  const size_t steps = engine.plan().steps.size();
  Measured measured{Durations(steps), Durations(steps), {}};
  TRY(engine.run());
  TRY(engine.synchronize());
  for (int64_t i = 0; i < iterations; ++i) {
    const std::vector<double> alone = TRY(engine.step_times());
    for (size_t step = 0; step < steps; ++step) {
      measured.alone[step].push_back(rounded(alone[step]));
    }
  }
  size_t first = 0;
  do {
    std::vector<cuda::Recording> twice;
    const size_t end = std::min(steps, first + kMostRecordings);
    for (size_t step = first; step < end; ++step) twice.push_back(TRY(engine.record(step)));
    for (int64_t i = 0; i < iterations; ++i) {
      const int64_t run_ns = TRY(replay(engine, first, twice, measured));
      if (first == 0) measured.run_ns.push_back(run_ns);
    }
    first = end;
  } while (first < steps);
  return measured;
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

Json node_json(const cuda::Engine& engine, size_t index, const Measured& measured) {
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
  json["alone_ns"] = Json::array_of(measured.alone[index]);
  json["arithmetic"] = cuda::name(engine.kernels()[index].program.arithmetic);
  if (const int64_t bytes = engine.kernels()[index].program.operand_bytes; bytes > 0)
    json["operand_bytes"] = bytes;
  json["kernel"] = kernel_json(engine.kernels()[index]);
  return json;
}

}  // namespace

Result<Json> profile_cuda(CudaModel& model, int64_t iterations) {
  cuda::Engine& engine = model.engine();
  const Measured measured = TRY(measure_steps(engine, iterations));
  Json nodes = Json::array();
  for (size_t i = 0; i < model.plan().steps.size(); ++i) {
    nodes.push_back(node_json(engine, i, measured));
  }
  Json reply = Json::object();
  reply["nodes"] = std::move(nodes);
  reply["unseen"] = Json::array();
  reply["run_ns"] = Json::array_of(measured.run_ns);
  reply["execute_ns"] = Json::array_of(measured.run_ns);
  reply["resolution_ns"] = kResolutionNs;
  reply["host_launch_times"] = false;
  return reply;
}

}  // namespace nitro::runner
