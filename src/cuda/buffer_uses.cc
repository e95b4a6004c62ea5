#include "cuda/buffer_uses.h"

namespace nitro::cuda {

BufferUses::BufferUses(const plan::Plan& plan)
    : writers(plan.buffers.size()), readers(plan.buffers.size()) {
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const auto note = [&](std::vector<size_t>& users) {
      if (users.empty() || users.back() != i) users.push_back(i);
    };
    for (plan::BufferId buffer : plan::reads(plan.steps[i].kernel)) note(readers[buffer]);
    for (plan::BufferId buffer : plan::writes(plan.steps[i].kernel)) note(writers[buffer]);
  }
}

std::optional<size_t> BufferUses::writer(plan::BufferId buffer) const {
  return writers[buffer].size() == 1 ? std::optional(writers[buffer][0]) : std::nullopt;
}

std::optional<size_t> BufferUses::only_reader(const plan::Plan& plan, plan::BufferId buffer) const {
  if (plan.buffers[buffer].kind != plan::Buffer::Kind::kArena || !writer(buffer) ||
      readers[buffer].size() != 1) {
    return std::nullopt;
  }
  return readers[buffer][0];
}

plan::BufferId add_arena_buffer(plan::Plan& plan, TensorType type) {
  plan.buffers.push_back({plan::Buffer::Kind::kArena, std::move(type), 0});
  return static_cast<plan::BufferId>(plan.buffers.size() - 1);
}

plan::BufferId add_constant(plan::Plan& plan, Tensor tensor) {
  plan.buffers.push_back({plan::Buffer::Kind::kConstant, tensor.type(), 0, std::move(tensor)});
  return static_cast<plan::BufferId>(plan.buffers.size() - 1);
}

plan::BufferId add_table(plan::Plan& plan, const std::vector<int64_t>& numbers) {
  return add_constant(plan,
                      Tensor::of(DType::kI32, {static_cast<int64_t>(numbers.size())}, numbers));
}

}  // namespace nitro::cuda
