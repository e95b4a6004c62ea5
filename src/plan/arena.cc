#include "plan/arena.h"

#include <algorithm>

namespace nitro::plan {
namespace {

struct Life {
  BufferId buffer = kNoBuffer;
  int64_t bytes = 0;
  int64_t first = 0;  // steps, inclusive
  int64_t last = 0;
  int64_t place = 0;
};

int64_t aligned(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

std::vector<Life> lives_of(const Plan& plan) {
  std::vector<Life> lives(plan.buffers.size());
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const auto step = static_cast<int64_t>(i);
    const auto note = [&](BufferId buffer) {
      Life& life = lives[buffer];
      if (life.buffer == kNoBuffer)
        life = {buffer, aligned(plan.buffers[buffer].type.bytes()), step};
      life.last = step;
    };
    for (BufferId buffer : reads(plan.steps[i].kernel)) note(buffer);
    for (BufferId buffer : writes(plan.steps[i].kernel)) note(buffer);
  }
  std::erase_if(lives, [&](const Life& life) {
    return life.buffer == kNoBuffer || plan.buffers[life.buffer].kind != Buffer::Kind::kArena;
  });
  return lives;
}

void empty_unused(Plan& plan, const std::vector<Life>& lives) {
  std::vector<bool> used(plan.buffers.size());
  for (const Life& life : lives) used[life.buffer] = true;
  for (size_t i = 0; i < plan.buffers.size(); ++i) {
    Buffer& buffer = plan.buffers[i];
    if (buffer.kind != Buffer::Kind::kArena || used[i]) continue;
    buffer.type.shape = {0};
    buffer.place = 0;
  }
}

}  // namespace

void assign_arena(Plan& plan) {
  std::vector<Life> lives = lives_of(plan);
  std::ranges::stable_sort(lives, std::ranges::greater{}, &Life::bytes);
  std::vector<Life> placed;  // by place
  plan.arena_bytes = 0;
  empty_unused(plan, lives);
  for (Life& life : lives) {
    life.place = 0;
    for (const Life& other : placed) {
      const bool together = other.first <= life.last && life.first <= other.last;
      if (together && other.place < life.place + life.bytes &&
          life.place < other.place + other.bytes) {
        life.place = other.place + other.bytes;
      }
    }
    plan.buffers[life.buffer].place = life.place;
    plan.arena_bytes = std::max(plan.arena_bytes, life.place + life.bytes);
    placed.insert(std::ranges::upper_bound(placed, life.place, {}, &Life::place), life);
  }
}

void assign_constants(Plan& plan) {
  std::vector<bool> read(plan.buffers.size());
  for (const Step& step : plan.steps) {
    for (BufferId buffer : reads(step.kernel)) read[buffer] = true;
  }
  plan.constant_bytes = 0;
  for (size_t i = 0; i < plan.buffers.size(); ++i) {
    Buffer& buffer = plan.buffers[i];
    if (buffer.kind != Buffer::Kind::kConstant) continue;
    if (!read[i]) {
      buffer.type.shape = {0};
      buffer.constant = Tensor(buffer.type);
    }
    buffer.place = plan.constant_bytes;
    plan.constant_bytes += aligned(buffer.type.bytes());
  }
}

}  // namespace nitro::plan
