#include "profile/bound.h"

#include <gtest/gtest.h>

namespace nitro::profile {
namespace {

/// 100 GFLOP/s, and 200, 100, 50 and 10 GB/s from L1 to DRAM; a dispatch costs 5 us.
measure::Roofs roofs() {
  measure::Roofs made;
  made.by_threads = {{.threads = 1,
                      .fp32_flops = 100e9,
                      .l1_bytes_per_s = 200e9,
                      .l2_bytes_per_s = 100e9,
                      .l3_bytes_per_s = 50e9,
                      .dram_bytes_per_s = 10e9}};
  made.dispatch_ns = 5'000;
  return made;
}

const std::vector<int64_t> kCaches = {32 << 10, 1 << 20, 32 << 20};

Explanation explained(const LayerFacts& layer) { return explain(layer, roofs(), 1, kCaches); }

bool mentions(const Explanation& explanation, std::string_view words) {
  return explanation.evidence.find(words) != std::string::npos;
}

TEST(Bound, Compute) {
  const Explanation found = explained({.time_ns = 1e6, .flops = 80e6, .bytes = 1e5});
  EXPECT_EQ(found.bound, Bound::kCompute);
  EXPECT_TRUE(mentions(found, "80 %")) << found.evidence;
  EXPECT_TRUE(mentions(found, "100 GFLOP/s")) << found.evidence;
}

TEST(Bound, MemoryIsJudgedByTheLevelThatHoldsTheBytes) {
  const Explanation dram = explained({.time_ns = 1e7, .flops = 1e6, .bytes = 64e6});
  EXPECT_EQ(dram.bound, Bound::kMemory);
  EXPECT_TRUE(mentions(dram, "64 % of the DRAM bandwidth (10 GB/s)")) << dram.evidence;
  const Explanation l3 = explained({.time_ns = 5e5, .flops = 1e6, .bytes = 20e6});
  EXPECT_EQ(l3.bound, Bound::kMemory);
  EXPECT_TRUE(mentions(l3, "80 % of the L3 bandwidth")) << l3.evidence;
}

TEST(Bound, ALevelThatWasNotMeasuredGivesWayToTheNext) {
  measure::Roofs missing = roofs();
  missing.by_threads[0].l3_bytes_per_s = {};
  const Explanation found =
      explain({.time_ns = 4e6, .flops = 0, .bytes = 20e6}, missing, 1, kCaches);
  EXPECT_TRUE(mentions(found, "50 % of the DRAM")) << found.evidence;
  missing.by_threads[0] = {.threads = 1};
  EXPECT_EQ(explain({.time_ns = 4e6, .flops = 1e9, .bytes = 1e6}, missing, 1, {}).bound,
            Bound::kUnknown);
}

TEST(Bound, LaunchWhenWakingTheThreadsExplainsMost) {
  const Explanation found = explained({.time_ns = 8'000, .flops = 1000, .bytes = 1000});
  EXPECT_EQ(found.bound, Bound::kLaunch);
  EXPECT_TRUE(mentions(found, "8.0 us") && mentions(found, "5.0 us")) << found.evidence;
  EXPECT_NE(explained({.time_ns = 20'000, .flops = 1000, .bytes = 1000}).bound, Bound::kLaunch);
}

TEST(Bound, LayoutForPureMovement) {
  const Explanation found =
      explained({.time_ns = 1e6, .flops = 0, .bytes = 2e6, .only_movement = true});
  EXPECT_EQ(found.bound, Bound::kLayout);
  EXPECT_TRUE(mentions(found, "2.00 MB")) << found.evidence;
}

TEST(Bound, UnknownNamesBothRoofs) {
  const Explanation found = explained({.time_ns = 1e6, .flops = 20e6, .bytes = 1e5});
  EXPECT_EQ(found.bound, Bound::kUnknown);
  EXPECT_TRUE(mentions(found, "20 %") && mentions(found, "L2")) << found.evidence;
  EXPECT_EQ(explained({.time_ns = 0, .flops = 1e6, .bytes = 1e6}).bound, Bound::kUnknown);
  EXPECT_EQ(explained({.time_ns = -1, .flops = 1e6, .bytes = 1e6}).bound, Bound::kUnknown);
}

TEST(Bound, FortyPercentIsTheLimit) {
  EXPECT_EQ(explained({.time_ns = 1e6, .flops = 40.1e6}).bound, Bound::kCompute);
  EXPECT_EQ(explained({.time_ns = 1e6, .flops = 39.9e6}).bound, Bound::kUnknown);
}

TEST(Bound, Names) {
  EXPECT_EQ(name(Bound::kCompute), "compute");
  EXPECT_EQ(name(Bound::kLayout), "layout");
  EXPECT_EQ(name(Bound::kUnknown), "unknown");
}

}  // namespace
}  // namespace nitro::profile
