#include "plan/check_read_plan.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "plan/check_read_kernel.h"

namespace nitro::plan {
namespace {

constexpr int64_t kMostElements = int64_t{1} << 31;  // of a buffer
constexpr int64_t kMostArenaBytes = int64_t{1} << 38;

std::unexpected<Error> bad(std::string_view problem) {
  return fail(ErrorCode::kBadFile, "{}", problem);
}

bool is_port(const Plan& plan, const std::vector<Port>& ports, const Buffer& buffer) {
  if (buffer.place < 0 || buffer.place >= static_cast<int64_t>(ports.size())) return false;
  const BufferId id = ports[static_cast<size_t>(buffer.place)].buffer;
  return id < plan.buffers.size() && &plan.buffers[id] == &buffer;
}

Result<void> check_buffer(const Plan& plan, const Buffer& buffer) {
  if (!check_shape(buffer.type.shape, buffer.type.dtype)) return bad("a buffer has a wrong shape");
  if (buffer.type.elements() > kMostElements) {
    return fail(ErrorCode::kLimitExceeded, "a buffer has {} elements; {} are the most",
                buffer.type.elements(), kMostElements);
  }
  const auto within = [&](int64_t end) {
    return buffer.place >= 0 && buffer.place % kAlignment == 0 &&
           buffer.place <= end - buffer.type.bytes();
  };
  switch (buffer.kind) {
    case Buffer::Kind::kInput:
      return is_port(plan, plan.inputs, buffer) ? Result<void>() : bad("an input is no port");
    case Buffer::Kind::kOutput:
      return is_port(plan, plan.outputs, buffer) ? Result<void>() : bad("an output is no port");
    case Buffer::Kind::kConstant:
      return within(plan.constant_bytes) ? Result<void>()
                                         : bad("a constant lies outside of theirs");
    case Buffer::Kind::kArena:
      break;
  }
  return within(plan.arena_bytes) ? Result<void>() : bad("a buffer lies outside of the arena");
}

Result<void> check_ports(const Plan& plan, const std::vector<Port>& ports, Buffer::Kind kind) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < ports.size(); ++i) {
    const BufferId id = ports[i].buffer;
    if (id >= plan.buffers.size() || plan.buffers[id].kind != kind ||
        plan.buffers[id].place != static_cast<int64_t>(i)) {
      return bad("an input or output has no buffer of its own");
    }
    if (!names.insert(ports[i].name).second) return bad("two inputs or outputs share a name");
  }
  return {};
}

Result<void> check_step(const Plan& plan, const Step& step) {
  const std::vector<BufferId> read = reads(step.kernel), written = writes(step.kernel);
  for (const auto& list : {read, written}) {
    for (BufferId id : list) {
      if (id >= plan.buffers.size()) return bad("there is no such buffer");
    }
  }
  for (BufferId id : written) {
    const Buffer::Kind kind = plan.buffers[id].kind;
    if (kind != Buffer::Kind::kArena && kind != Buffer::Kind::kOutput)
      return bad("an input or a constant is written");
    if (std::ranges::find(read, id) != read.end()) return bad("what is read is also written");
  }
  if (std::ranges::adjacent_find(step.origins, std::ranges::greater_equal{}) !=
          step.origins.end() ||
      (!step.origins.empty() && step.origins.back() >= plan.origins.size())) {
    return bad("the origins are not sorted or do not exist");
  }
  return check_read_kernel(plan, step.kernel);
}

}  // namespace

Result<void> check_read_plan(const Plan& plan) {
  if (plan.arena_bytes < 0 || plan.arena_bytes > kMostArenaBytes) {
    return fail(ErrorCode::kLimitExceeded, "the plan wants {} bytes; {} are the most",
                plan.arena_bytes, kMostArenaBytes);
  }
  for (const Buffer& buffer : plan.buffers) TRY(check_buffer(plan, buffer));
  TRY(check_ports(plan, plan.inputs, Buffer::Kind::kInput));
  TRY(check_ports(plan, plan.outputs, Buffer::Kind::kOutput));
  std::set<std::string_view> names;
  for (const Step& step : plan.steps) {
    if (!names.insert(step.name).second) return bad("two steps share a name");
    TRY(in_context(check_step(plan, step), "step " + display(step.name, 80)));
  }
  return {};
}

}  // namespace nitro::plan
