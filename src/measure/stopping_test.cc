#include "measure/stopping.h"

#include <gtest/gtest.h>

#include <numeric>

#include "measure/median.h"
#include "measure/simulated_clock.h"

namespace nitro::measure {
namespace {

constexpr uint64_t kSeed = 20240607;

Stopping run(SimulatedClock clock, Random& random, StoppingOptions options = {}) {
  Stopping stopping(options);
  while (!stopping.done()) stopping.add(clock.sample(random));
  return stopping;
}

double total(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST(Stopping, QuietClockIsPreciseAtTheFirstChance) {
  Random random(kSeed);
  const Stopping stopping = run({.noise = 0.002}, random);
  EXPECT_EQ(stopping.done(), StopReason::kPrecise);
  EXPECT_GE(total(stopping.measured()), 0.5e9);
  EXPECT_LT(total(stopping.measured()), 0.55e9);
  EXPECT_TRUE(stopping.warm_up().stable());
}

TEST(Stopping, NoisyClockEndsAtThePlateau) {
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Random random(kSeed);
  const Stopping stopping = run({.noise = 0.8}, random);
  EXPECT_EQ(stopping.done(), StopReason::kPlateau);
  EXPECT_EQ(stopping.measured().size() % 16, 0U);
  EXPECT_GT(stopping.measured().size(), 64U);
}

TEST(Stopping, SlowNoisyClockTimesOut) {
  Random random(kSeed);
  const Stopping stopping = run({.truth_ns = 1e9, .noise = 0.5}, random);
  EXPECT_EQ(stopping.done(), StopReason::kTimeout);
  EXPECT_GE(total(stopping.measured()), 15e9);
  EXPECT_GE(stopping.measured().size(), 10U);
}

TEST(Stopping, VerySlowClockStillTakesTenSamples) {
  Random random(kSeed);
  const Stopping stopping = run({.truth_ns = 6e9, .noise = 0.3}, random);
  EXPECT_EQ(stopping.done(), StopReason::kTimeout);
  EXPECT_EQ(stopping.measured().size(), 10U);
}

TEST(Stopping, GivenCountIsExact) {
  Random random(kSeed);
  const Stopping stopping = run({.noise = 0.001}, random, {.count = 3});
  EXPECT_EQ(stopping.done(), StopReason::kCount);
  EXPECT_EQ(stopping.measured().size(), 3U);
}

TEST(Stopping, WarmUpIsKeptOutOfTheSamples) {
  // Ten slow first inferences, as with code compiled on the fly, then steady.
  Stopping stopping;
  int warm_up = 0;
  for (int i = 0; i < 300 && !stopping.done(); ++i) {
    warm_up += stopping.add(i < 10 ? 50e6 : 5e6) == SampleUse::kWarmUp ? 1 : 0;
  }
  EXPECT_GE(warm_up, 20);
  EXPECT_EQ(stopping.done(), StopReason::kPrecise);
  EXPECT_EQ(stopping.measured().front(), 5e6);
  EXPECT_TRUE(stopping.warm_up().stable());
}

TEST(Stopping, WarmUpThatNeverSettlesEndsAndSaysSo) {
  Stopping stopping;
  double ns = 5e6;
  while (!stopping.done()) stopping.add(ns *= 1.005);
  EXPECT_FALSE(stopping.warm_up().stable());
  EXPECT_GE(stopping.warm_up().elapsed_ns(), 5e9);
}

TEST(Stopping, FindsTheTruthOfNoisyClocks) {
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Random random(kSeed);
  int covered = 0;
  constexpr int kRuns = 200;
  for (int i = 0; i < kRuns; ++i) {
    const double truth = random.uniform(1e6, 50e6);
    const Stopping stopping = run({.truth_ns = truth, .noise = 0.05}, random);
    const auto interval = median_interval(stopping.measured());
    ASSERT_TRUE(interval.has_value());
    EXPECT_NEAR(interval->median / truth, 1, 0.04);
    covered += interval->low <= truth && truth <= interval->high ? 1 : 0;
  }
  // Three standard errors of the simulation below 95 %.
  EXPECT_GE(covered, kRuns * 90 / 100);
}

}  // namespace
}  // namespace nitro::measure
