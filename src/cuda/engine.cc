#include "cuda/engine.h"

#include <chrono>

#include "cuda/engine_state.h"
#include "cuda/find_nvrtc.h"
#include "cuda/shipped_tuning.h"
#include "plan/verify_plan.h"

namespace nitro::cuda {
namespace {

/// Edges between launches that overlap came into graphs with CUDA 12.3.
constexpr int kProgrammaticGraphs = 12030;

/// Seconds since the last call.
class Lap {
 public:
  double operator()() {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(start_, now)).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Result<Nvrtc> nvrtc_for(const Device& device, const EngineOptions& options) {
  if (options.nvrtc) return *options.nvrtc;
  NvrtcWish wish;
  wish.compute_capability = device.target().compute_capability;
  wish.driver_version = device.driver_version();
  return find_nvrtc(wish);
}

Result<Stream> new_stream(const std::shared_ptr<const Device>& device) {
  const CurrentContext current(*device);
  CUstream stream = nullptr;
  TRY(device->check(device->api().stream_create(&stream, kStreamNonBlocking), "make a stream"));
  return Stream(device, stream);
}

Result<std::vector<Program>> programs_of(const plan::Plan& plan, const Target& target,
                                         const EngineOptions& options) {
  std::vector<Program> programs;
  for (const plan::Step& step : plan.steps) {
    programs.push_back(TRY(options.program_for(plan, step, target)));
  }
  return programs;
}

bool can_overlap(const Device& device) {
  return device.target().compute_capability >= 90 && device.api().launch_kernel_ex != nullptr &&
         device.driver_version() >= kProgrammaticGraphs;
}

/// The places of ports, by default their own.
Result<void> place(const plan::Plan& plan, const std::vector<plan::Port>& ports,
                   std::span<const CUdeviceptr> places, std::vector<CUdeviceptr>& addresses) {
  if (places.size() != ports.size()) {
    return fail(ErrorCode::kUsage, "{} has {} inputs or outputs here, and {} places were given",
                plan.name, ports.size(), places.size());
  }
  for (size_t i = 0; i < ports.size(); ++i) {
    if (places[i] % plan::kAlignment != 0) {
      return fail(ErrorCode::kUsage, "the memory for {} is not aligned to {} bytes", ports[i].name,
                  plan::kAlignment);
    }
    if (places[i] != 0) addresses[ports[i].buffer] = places[i];
  }
  return {};
}

/// What was found on this device replaces what is shipped.
std::shared_ptr<const Tuning> tuning_of(const Device& device, const Target& target) {
  auto tuning = std::make_shared<Tuning>(shipped_tuning(target));
  tuning->merge(TuningStore::standard(device).load());
  return tuning;
}

}  // namespace

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<Engine> Engine::load(plan::Plan plan, EngineOptions options) {
  TRY(plan::verify(plan));
  auto state = std::make_unique<State>();
  state->device = TRY(options.driver != nullptr ? Device::open(options.device, *options.driver)
                                                : Device::open(options.device));
  const Device& device = *state->device;
  const Nvrtc nvrtc = TRY(nvrtc_for(device, options));
  Target target = device.target();
  target.wgmma &= TRY(nvrtc.architecture(target.compute_capability)).ends_with('a');
  target.tuning = options.tuning ? options.tuning : tuning_of(device, target);
  state->programmatic_launch = options.programmatic_launch && can_overlap(device);
  state->poison = options.poison;
  LoadRecord& record = state->load_record;
  Lap lap;
  state->plan = options.specialise(std::move(plan), target);
  record.specialise_seconds = lap();
  std::vector<Program> programs = TRY(programs_of(state->plan, target, options));
  record.programs_seconds = lap();
  const CompiledPrograms compiled = TRY(compile_programs(programs, nvrtc, target.compute_capability,
                                                         options.cache, options.compile_threads));
  record.binaries = compiled.binaries.size();
  record.binaries_from_cache = compiled.from_cache;
  record.compile_seconds = lap();
  state->stream = TRY(new_stream(state->device));
  state->loaded = TRY(load_kernels(state->device, std::move(programs), compiled));
  TRY(state->allocate_buffers());
  record.upload_seconds = lap();
  state->set_arguments();
  state->set_range_names();
  state->recording = TRY(state->record_all());
  record.record_seconds = lap();
  return Engine(std::move(state));
}

const Device& Engine::device() const { return *state_->device; }
const plan::Plan& Engine::plan() const { return state_->plan; }
std::span<const StepKernel> Engine::kernels() const { return state_->loaded.kernels; }
const LoadRecord& Engine::load_record() const { return state_->load_record; }
int64_t Engine::memory_bytes() const { return state_->memory_bytes; }
bool Engine::programmatic_launch() const { return state_->programmatic_launch; }
CUstream Engine::stream() const { return state_->stream.get(); }
const Recording& Engine::recording() const { return state_->recording; }

CUdeviceptr Engine::input_memory(size_t i) const {
  return state_->addresses[state_->plan.inputs[i].buffer];
}

CUdeviceptr Engine::output_memory(size_t i) const {
  return state_->addresses[state_->plan.outputs[i].buffer];
}

Result<void> Engine::bind(std::span<const CUdeviceptr> inputs,
                          std::span<const CUdeviceptr> outputs) {
  std::vector<CUdeviceptr> addresses = state_->own;
  TRY(place(state_->plan, state_->plan.inputs, inputs, addresses));
  TRY(place(state_->plan, state_->plan.outputs, outputs, addresses));
  state_->addresses = std::move(addresses);
  state_->set_arguments();
  // A graph that still runs must not be destroyed.
  TRY(synchronize());
  state_->recording = TRY(state_->record_all());
  return {};
}

Result<void> Engine::run(CUstream stream) {
  const CurrentContext current(*state_->device);
  if (state_->poison) TRY(state_->fill_with_poison(stream));
  return state_->recording.launch(stream);
}

Result<void> Engine::run_steps() {
  const CurrentContext current(*state_->device);
  if (state_->poison) TRY(state_->fill_with_poison(stream()));
  for (size_t i = 0; i < state_->plan.steps.size(); ++i) {
    TRY(state_->launch_in_range(i, stream()));
  }
  return {};
}

Result<void> Engine::synchronize() { return cuda::synchronize(*state_->device, stream()); }

Result<void> Engine::set_input(size_t i, const Tensor& tensor) {
  const plan::Port& port = state_->plan.inputs[i];
  const TensorType& type = state_->plan.buffers[port.buffer].type;
  if (tensor.type() != type) {
    return fail(ErrorCode::kShapeMismatch, "input {} is {}, not {}", port.name, text(type),
                text(tensor.type()));
  }
  return copy_to_device(*state_->device, input_memory(i), tensor.bytes(), stream());
}

Result<Tensor> Engine::output(size_t i) {
  Tensor tensor(state_->plan.buffers[state_->plan.outputs[i].buffer].type);
  TRY(copy_to_host(*state_->device, tensor.mutable_bytes(), output_memory(i), stream()));
  return tensor;
}

Result<std::vector<Tensor>> Engine::run_on(std::span<const Tensor> inputs) {
  if (inputs.size() != state_->plan.inputs.size()) {
    return fail(ErrorCode::kUsage, "{} takes {} inputs, and {} were given", state_->plan.name,
                state_->plan.inputs.size(), inputs.size());
  }
  for (size_t i = 0; i < inputs.size(); ++i) TRY(set_input(i, inputs[i]));
  TRY(run());
  std::vector<Tensor> outputs;
  for (size_t i = 0; i < state_->plan.outputs.size(); ++i) outputs.push_back(TRY(output(i)));
  return outputs;
}

Result<Recording> Engine::record(std::span<const size_t> steps) const {
  return state_->record(steps);
}

Result<Recording> Engine::record() const { return state_->record_all(); }

}  // namespace nitro::cuda
