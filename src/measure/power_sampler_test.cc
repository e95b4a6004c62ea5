#include "measure/power_sampler.h"

#include <gtest/gtest.h>

#include <atomic>

namespace nitro::measure {
namespace {

TEST(PowerSampler, ReadsUntilItIsStopped) {
  std::atomic<int> asked = 0;
  PowerSampler sampler([&]() -> std::optional<double> { return 1000 + ++asked; },
                       std::chrono::milliseconds(1));
  while (asked < 20) std::this_thread::yield();
  const std::vector<PowerReading> readings = sampler.stop();
  ASSERT_GE(readings.size(), 20U);
  EXPECT_EQ(readings[0].milliwatts, 1001);
  EXPECT_TRUE(std::ranges::is_sorted(readings, {}, &PowerReading::stamp_ns));
  EXPECT_EQ(static_cast<int>(readings.size()), asked);
  EXPECT_TRUE(sampler.stop().empty());
}

TEST(PowerSampler, LeavesOutWhatTheSensorDoesNotAnswer) {
  std::atomic<int> asked = 0;
  PowerSampler sampler(
      [&]() -> std::optional<double> {
        return ++asked % 2 == 0 ? std::optional(5.0) : std::nullopt;
      },
      std::chrono::milliseconds(1));
  while (asked < 10) std::this_thread::yield();
  const std::vector<PowerReading> readings = sampler.stop();
  EXPECT_EQ(static_cast<int>(readings.size()), asked / 2);
}

/// A reading each 10 from 0 on: 100 while the number of tens is even, else 300.
std::vector<PowerReading> alternating(int64_t count) {
  std::vector<PowerReading> readings;
  for (int64_t i = 0; i < count; ++i) readings.push_back({i * 10, i % 2 == 0 ? 100.0 : 300.0});
  return readings;
}

TEST(MeanPower, IsOfTheReadingsInsideOfTheSamples) {
  std::vector<int64_t> even, odd, lengths;
  for (int64_t i = 0; i < 20; ++i) {
    even.push_back(i * 20 - 2);
    odd.push_back(i * 20 + 8);
    lengths.push_back(5);
  }
  const std::vector<PowerReading> readings = alternating(40);
  EXPECT_EQ(mean_power_mw(readings, even, lengths), 100);
  EXPECT_EQ(mean_power_mw(readings, odd, lengths), 300);
  EXPECT_EQ(mean_power_mw(readings, std::vector<int64_t>{0}, std::vector<int64_t>{400}), 200);
}

TEST(MeanPower, NeedsReadings) {
  const std::vector<int64_t> stamps = {0}, lengths = {1000};
  EXPECT_FALSE(mean_power_mw({}, stamps, lengths).has_value());
  EXPECT_FALSE(mean_power_mw(alternating(kFewestReadings - 1), stamps, lengths).has_value());
  EXPECT_TRUE(mean_power_mw(alternating(kFewestReadings), stamps, lengths).has_value());
  EXPECT_FALSE(mean_power_mw(alternating(100), {}, {}).has_value());
}

}  // namespace
}  // namespace nitro::measure
