#include "profile/clock_probe.h"

#include <gtest/gtest.h>

namespace nitro::profile {
namespace {

constexpr ClockSetting kHigh = {921'600'000, 1'600'000'000};
constexpr ClockSetting kLow = {460'800'000, 800'000'000};

/// The frame and its first node follow the GPU's clock, the second node the memory's.
ClockVisit visit(bool low_gpu, bool low_emc) {
  ClockVisit visit{low_gpu,
                   low_emc,
                   {low_gpu ? kLow.gpu_hz : kHigh.gpu_hz, low_emc ? kLow.emc_hz : kHigh.emc_hz},
                   {},
                   {},
                   {},
                   {}};
  visit.before = visit.after = visit.wanted;
  const int64_t gpu_ns = low_gpu ? 2'000'000 : 1'000'000, emc_ns = low_emc ? 200'000 : 100'000;
  visit.frame_ns.assign(8, gpu_ns + emc_ns);
  visit.nodes.resolution_ns = 500;
  for (const int64_t time : {gpu_ns, emc_ns}) {
    runner::NodeTime node;
    node.name = fmt::format("node {}", visit.nodes.nodes.size());
    node.durations_ns.assign(8, time);
    visit.nodes.nodes.push_back(std::move(node));
  }
  return visit;
}

std::vector<ClockVisit> tour() {
  return {visit(false, false), visit(true, false), visit(true, true), visit(false, true)};
}

TEST(ClockProbe, EachLayerAndTheFrameHaveShares) {
  const ClockProbe probe = join_visits(tour());
  ASSERT_TRUE(probe.frame && probe.layers.size() == 2);
  EXPECT_EQ(probe.frame->verdict, ClockVerdict::kCompute);
  EXPECT_NEAR(probe.frame->memory_share->value, 1.0 / 11, 1e-9);
  EXPECT_EQ(probe.layers[0].verdict, ClockVerdict::kCompute);
  EXPECT_EQ(probe.layers[1].verdict, ClockVerdict::kMemory);
  EXPECT_TRUE(probe.notes.empty());
  EXPECT_EQ(to_json(probe).at("points").size(), 4U);
}

TEST(ClockProbe, AVisitWhoseClockDidNotHoldIsLeftOut) {
  std::vector<ClockVisit> visits = tour();
  for (const ClockVisit& again : tour()) visits.push_back(again);
  visits[1].after.gpu_hz = 384'000'000;  // throttled meanwhile
  visits[1].frame_ns.assign(8, 9'000'000);
  const ClockProbe probe = join_visits(visits);
  EXPECT_EQ(probe.frame->verdict, ClockVerdict::kCompute);
  EXPECT_FALSE(probe.points[1].used);
  ASSERT_EQ(probe.notes.size(), 1U);
  EXPECT_EQ(probe.notes[0].code, measure::QualityCode::kClockNotFollowed);
  EXPECT_EQ(probe.notes[0].detail,
            "1 of 8 visits left out; the first: wanted 460.8 and 1600.0 MHz, read 384.0 and 1600.0 "
            "MHz");
}

TEST(ClockProbe, WithoutTheMemorysClockItIsOfTheGpusAlone) {
  std::vector<ClockVisit> visits = tour();
  visits[2].before.emc_hz = visits[3].before.emc_hz = kHigh.emc_hz;  // it did not follow
  const ClockProbe probe = join_visits(visits);
  EXPECT_FALSE(probe.frame->fixed_share);
  EXPECT_EQ(probe.layers[0].verdict, ClockVerdict::kCompute);
  EXPECT_EQ(probe.layers[1].verdict, ClockVerdict::kNotCompute);
}

TEST(ClockProbe, WithoutTheGpusClockThereAreNoShares) {
  std::vector<ClockVisit> visits = tour();
  visits[1].before.gpu_hz = kHigh.gpu_hz;
  const ClockProbe probe = join_visits(visits);
  EXPECT_FALSE(probe.frame);
  EXPECT_TRUE(probe.layers.empty());
  EXPECT_EQ(probe.notes.size(), 1U);
  EXPECT_FALSE(to_json(probe).contains("frame"));
}

}  // namespace
}  // namespace nitro::profile
