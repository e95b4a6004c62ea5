#include "plan/arena.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "plan/verify_plan.h"

namespace nitro::plan {
namespace {

BufferId add_buffer(Plan& plan, int64_t bytes) {
  plan.buffers.push_back({Buffer::Kind::kArena, {DType::kU8, {bytes}}});
  return static_cast<BufferId>(plan.buffers.size() - 1);
}

void add_step(Plan& plan, std::vector<BufferId> reads, std::vector<BufferId> writes) {
  Loop loop;
  loop.reads = std::move(reads);
  loop.writes = std::move(writes);
  plan.steps.push_back({"step " + std::to_string(plan.steps.size()), loop, {}});
}

TEST(Arena, RandomLivesNeverOverlap) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Plan plan;
    std::vector<BufferId> written;
    for (int step = 0; step < 40; ++step) {
      std::vector<BufferId> reads;
      for (int i = 0; i < 3 && !written.empty(); ++i) {
        reads.push_back(
            written[static_cast<size_t>(random.below(static_cast<int64_t>(written.size())))]);
      }
      const BufferId result = add_buffer(plan, random.below(5000));
      add_step(plan, reads, {result});
      written.push_back(result);
    }
    assign_arena(plan);
    const auto valid = verify(plan);
    EXPECT_TRUE(valid.has_value()) << valid.error().text();
    int64_t all = 0;
    for (const Buffer& buffer : plan.buffers)
      all += (buffer.type.bytes() + kAlignment - 1) / kAlignment * kAlignment;
    EXPECT_LE(plan.arena_bytes, all);
  }
}

TEST(Arena, AChainNeedsTwoPlaces) {
  Plan plan;
  BufferId last = add_buffer(plan, 1000);
  add_step(plan, {}, {last});
  for (int i = 0; i < 10; ++i) {
    const BufferId next = add_buffer(plan, 1000);
    add_step(plan, {last}, {next});
    last = next;
  }
  assign_arena(plan);
  EXPECT_EQ(plan.arena_bytes, 2 * 1024);
  EXPECT_TRUE(verify(plan).has_value());
}

TEST(Arena, UnreadConstantsLoseTheirContent) {
  Plan plan;
  for (int i = 0; i < 2; ++i) {
    Tensor tensor = Tensor::of<double>(DType::kF32, {100}, std::vector<double>(100, i));
    plan.buffers.push_back({Buffer::Kind::kConstant, tensor.type(), 0, tensor});
  }
  add_step(plan, {1}, {add_buffer(plan, 4)});
  assign_constants(plan);
  assign_arena(plan);
  EXPECT_EQ(plan.constant_bytes, 512);
  EXPECT_EQ(plan.buffers[0].type.elements(), 0);
  EXPECT_TRUE(verify(plan).has_value());
}

}  // namespace
}  // namespace nitro::plan
