#include "plan/verify_plan.h"

#include <algorithm>
#include <set>

namespace nitro::plan {
namespace {

Result<void> broken(std::string_view problem) {
  return fail(ErrorCode::kInternal, "the plan is broken: {}", problem);
}

bool is_written_by_steps(const Buffer& buffer) {
  return buffer.kind == Buffer::Kind::kArena || buffer.kind == Buffer::Kind::kOutput;
}

Result<void> verify_buffer(const Plan& plan, const Buffer& buffer) {
  const auto within = [&](int64_t end) {
    return buffer.place >= 0 && buffer.place % kAlignment == 0 &&
           buffer.place + buffer.type.bytes() <= end;
  };
  switch (buffer.kind) {
    case Buffer::Kind::kInput:
    case Buffer::Kind::kOutput: {
      const auto& ports = buffer.kind == Buffer::Kind::kInput ? plan.inputs : plan.outputs;
      const bool known = buffer.place >= 0 && buffer.place < static_cast<int64_t>(ports.size()) &&
                         ports[static_cast<size_t>(buffer.place)].buffer < plan.buffers.size() &&
                         &plan.buffers[ports[static_cast<size_t>(buffer.place)].buffer] == &buffer;
      return known ? Result<void>() : broken("an input or output is not the one it says");
    }
    case Buffer::Kind::kConstant:
      if (!buffer.constant || buffer.constant->type() != buffer.type)
        return broken("a constant has no content");
      return within(plan.constant_bytes) ? Result<void>()
                                         : broken("a constant lies outside of theirs");
    case Buffer::Kind::kArena:
      break;
  }
  return within(plan.arena_bytes) ? Result<void>() : broken("a buffer lies outside of the arena");
}

Result<void> verify_ids(const Plan& plan, const Step& step) {
  for (const auto& list : {reads(step.kernel), writes(step.kernel)}) {
    for (BufferId id : list) {
      if (id >= plan.buffers.size()) return broken("there is no such buffer");
    }
  }
  if (std::ranges::adjacent_find(step.origins, std::ranges::greater_equal{}) !=
      step.origins.end()) {
    return broken("the origins are not sorted");
  }
  if (!step.origins.empty() && step.origins.back() >= plan.origins.size())
    return broken("there is no such origin");
  return {};
}

Result<void> verify_order(const Plan& plan, const Step& step, std::vector<bool>& written) {
  const std::vector<BufferId> results = writes(step.kernel);
  for (BufferId id : reads(step.kernel)) {
    if (is_written_by_steps(plan.buffers[id]) && !written[id])
      return broken("it reads what was not written");
    if (std::ranges::find(results, id) != results.end()) return broken("it reads what it writes");
  }
  for (BufferId id : results) {
    if (!is_written_by_steps(plan.buffers[id])) return broken("it writes an input or a constant");
    written[id] = true;
  }
  return {};
}

struct Life {
  const Buffer* buffer = nullptr;
  size_t first = 0;
  size_t last = 0;
};

std::vector<Life> lives_of(const Plan& plan) {
  std::vector<Life> lives(plan.buffers.size());
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    for (const auto& list : {reads(plan.steps[i].kernel), writes(plan.steps[i].kernel)}) {
      for (BufferId id : list) {
        if (plan.buffers[id].kind != Buffer::Kind::kArena) continue;
        if (!lives[id].buffer) lives[id] = {&plan.buffers[id], i, i};
        lives[id].last = i;
      }
    }
  }
  std::erase_if(lives, [](const Life& life) { return !life.buffer; });
  return lives;
}

Result<void> verify_arena(const Plan& plan) {
  const std::vector<Life> lives = lives_of(plan);
  for (size_t i = 0; i < lives.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const Life &a = lives[i], &b = lives[j];
      const bool together = a.first <= b.last && b.first <= a.last;
      const bool overlap = a.buffer->place < b.buffer->place + b.buffer->type.bytes() &&
                           b.buffer->place < a.buffer->place + a.buffer->type.bytes();
      if (together && overlap) return broken("two live buffers share memory");
    }
  }
  return {};
}

}  // namespace

Result<void> verify(const Plan& plan) {
  for (const Buffer& buffer : plan.buffers) TRY(verify_buffer(plan, buffer));
  std::set<std::string> names;
  std::vector<bool> written(plan.buffers.size(), false);
  for (const Step& step : plan.steps) {
    if (!names.insert(step.name).second) return broken("two steps are called " + step.name);
    TRY(in_context(verify_ids(plan, step), step.name));
    TRY(in_context(verify_order(plan, step, written), step.name));
    TRY(in_context(verify_kernel(plan, step.kernel), step.name));
  }
  for (const Port& port : plan.outputs) {
    if (plan.buffers[port.buffer].type.elements() > 0 && !written[port.buffer])
      return broken("no step writes an output");
  }
  return verify_arena(plan);
}

}  // namespace nitro::plan
