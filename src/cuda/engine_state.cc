#include "cuda/engine_state.h"

#include <algorithm>
#include <numeric>

#include "cuda/nvtx_range.h"
#include "ir/common_module.h"

namespace nitro::cuda {
namespace {

using plan::Buffer;

bool is_port(const Buffer& buffer) {
  return buffer.kind == Buffer::Kind::kInput || buffer.kind == Buffer::Kind::kOutput;
}

}  // namespace

Result<void> Engine::State::allocate_buffers() {
  arena = TRY(allocate(device, plan.arena_bytes, "what is between the steps"));
  constants = TRY(allocate(device, plan.constant_bytes, "the weights"));
  memory_bytes = plan.arena_bytes + plan.constant_bytes;
  for (Buffer& buffer : plan.buffers) {
    const auto place = static_cast<CUdeviceptr>(buffer.place);
    if (is_port(buffer)) {
      ports.push_back(TRY(allocate(device, buffer.type.bytes(), "inputs and outputs")));
      own.push_back(ports.back().get());
      memory_bytes += buffer.type.bytes();
    } else if (buffer.kind == Buffer::Kind::kArena) {
      own.push_back(arena.get() + place);
    } else {
      own.push_back(constants.get() + place);
      TRY(copy_to_device(*device, own.back(), buffer.constant->bytes(), stream.get()));
      buffer.constant.reset();
    }
  }
  addresses = own;
  return {};
}

void Engine::State::set_arguments() {
  arguments.clear();
  for (const plan::Step& step : plan.steps) {
    std::vector<CUdeviceptr>& list = arguments.emplace_back();
    for (const plan::BufferId id : plan::reads(step.kernel)) list.push_back(addresses[id]);
    for (const plan::BufferId id : plan::writes(step.kernel)) list.push_back(addresses[id]);
  }
}

void Engine::State::set_range_names() {
  for (const plan::Step& step : plan.steps) {
    const std::string module = common_module(step.origins, plan.origins);
    range_names.push_back(module.empty() ? step.name : module + ": " + step.name);
  }
}

Result<void> Engine::State::launch_in_range(size_t i, CUstream to) const {
  const NvtxRange range(range_names[i]);
  return launch_step(i, to, false);
}

Result<void> Engine::State::launch_step(size_t i, CUstream to, bool overlap) const {
  return in_context(launch(*device, loaded.kernels[i], arguments[i], to, overlap),
                    plan.steps[i].name);
}

Result<Recording> Engine::State::record(std::span<const size_t> steps) const {
  const CUstream to = stream.get();
  return Recording::record(device, to, [&]() -> Result<void> {
    for (size_t i = 0; i < steps.size(); ++i) {
      TRY(launch_step(steps[i], to, programmatic_launch && i > 0));
    }
    return {};
  });
}

Result<Recording> Engine::State::record_all() const {
  std::vector<size_t> steps(plan.steps.size());
  std::iota(steps.begin(), steps.end(), size_t{0});
  return record(steps);
}

Result<void> Engine::State::fill_with_poison(CUstream to) const {
  const auto fill = [&](CUdeviceptr memory, int64_t bytes) -> Result<void> {
    if (bytes == 0) return {};
    return device->check(device->api().memory_set(memory, 0xFF, static_cast<size_t>(bytes), to),
                         "fill memory");
  };
  TRY(fill(arena.get(), plan.arena_bytes));
  for (size_t id = 0; id < plan.buffers.size(); ++id) {
    if (plan.buffers[id].kind != Buffer::Kind::kOutput) continue;
    TRY(fill(addresses[id], plan.buffers[id].type.bytes()));
  }
  return {};
}

}  // namespace nitro::cuda
