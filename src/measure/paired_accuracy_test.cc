#include "measure/paired_accuracy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "measure/bootstrap.h"
#include "measure/mcnemar.h"
#include "measure/wilson.h"

namespace nitro::measure {
namespace {

AccuracyComparison judged(int64_t images, int64_t only_old, int64_t only_new,
                          AccuracyOptions options = {}) {
  AccuracyComparison comparison = compare_accuracy({images, only_old, only_new}, options);
  judge(comparison, options);
  return comparison;
}

TEST(McNemar, IsTheBinomialTail) {
  EXPECT_DOUBLE_EQ(mcnemar_p(0, 0), 1);
  EXPECT_DOUBLE_EQ(mcnemar_p(5, 5), 1);
  EXPECT_NEAR(mcnemar_p(0, 5), 2.0 / 32, 1e-12);
  EXPECT_NEAR(mcnemar_p(2, 8), 2.0 * (1 + 10 + 45) / 1024, 1e-12);
  EXPECT_DOUBLE_EQ(mcnemar_p(8, 2), mcnemar_p(2, 8));
  EXPECT_NEAR(mcnemar_p(1, 0), 1, 1e-12);
}

TEST(McNemar, HoldsForManyImages) {
  // Where z = 1.96 with the continuity correction.
  const double p = mcnemar_p(500'000 - 980, 500'000 + 980);
  EXPECT_NEAR(p, std::erfc((1960.0 - 1) / std::sqrt(1e6) / std::sqrt(2)), 1e-4);
  EXPECT_EQ(mcnemar_p(0, 1'000'000), 0);
}

TEST(Wilson, KnownIntervals) {
  // Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  const auto near = [](ShareInterval interval, double low, double high) {
    EXPECT_NEAR(interval.low, low, 5e-5);
    EXPECT_NEAR(interval.high, high, 5e-5);
  };
  near(wilson_interval(81, 263), 0.2553, 0.3662);
  near(wilson_interval(15, 148), 0.0624, 0.1605);
  near(wilson_interval(0, 20), 0, 0.1611);
  near(wilson_interval(1, 29), 0.0061, 0.1718);
  near(wilson_interval(20, 20), 1 - 0.1611, 1);
  near(wilson_interval(0, 0), 0, 1);
}

TEST(Bootstrap, OfMeansIsRepeatableAndSpreadsAsItShould) {
  std::vector<double> values;
  Random random(5);
  for (int i = 0; i < 400; ++i) values.push_back(random.normal());
  const BootstrapMean mean = bootstrap_mean(values, 3);
  EXPECT_EQ(mean.low, bootstrap_mean(values, 3).low);
  EXPECT_LT(mean.low, mean.mean);
  EXPECT_NEAR(mean.high - mean.low, 2 * 1.96 / 20, 0.03);
  const BootstrapMean one = bootstrap_mean(std::vector{2.5}, 1);
  EXPECT_EQ(one.low, 2.5);
  EXPECT_EQ(one.high, 2.5);
}

TEST(Bootstrap, OfDifferencesIsThatOfTheirValues) {
  const BootstrapMean mean = bootstrap_difference(1000, 60, 30, 1);
  EXPECT_DOUBLE_EQ(mean.mean, 0.03);
  const double half = 1.96 * std::sqrt((0.09 - 0.03 * 0.03) / 1000);
  EXPECT_NEAR(mean.low, 0.03 - half, 0.002);
  EXPECT_NEAR(mean.high, 0.03 + half, 0.002);
}

TEST(PairedAccuracy, Verdicts) {
  EXPECT_EQ(judged(10'000, 100, 400).verdict, AccuracyVerdict::kBetter);
  EXPECT_EQ(judged(10'000, 400, 100).verdict, AccuracyVerdict::kWorse);
  EXPECT_EQ(judged(10'000, 30, 32).verdict, AccuracyVerdict::kSame);
  EXPECT_EQ(judged(300, 20, 25).verdict, AccuracyVerdict::kUnclear);
}

TEST(PairedAccuracy, CertainButTinyIsTheSame) {
  const AccuracyComparison comparison = judged(100'000, 100, 300);
  EXPECT_LT(comparison.p_value, 1e-6);
  EXPECT_EQ(comparison.verdict, AccuracyVerdict::kSame);
  EXPECT_EQ(judged(100'000, 100, 300, {.margin = 0.001}).verdict, AccuracyVerdict::kBetter);
}

TEST(PairedAccuracy, FewImagesProveNothingEvenWhereAllAgree) {
  const AccuracyComparison few = judged(20, 0, 0);
  EXPECT_EQ(few.verdict, AccuracyVerdict::kUnclear);
  EXPECT_LT(few.low, -0.05);
  EXPECT_GT(few.images_needed.value(), 100);
  EXPECT_EQ(judged(1000, 0, 0).verdict, AccuracyVerdict::kSame);
  EXPECT_EQ(judged(0, 0, 0).verdict, AccuracyVerdict::kUnclear);
  EXPECT_EQ(judged(1, 0, 1).verdict, AccuracyVerdict::kUnclear);
}

TEST(PairedAccuracy, SaysHowManyImagesWouldTell) {
  // Connor (1987): psi = 0.1, delta = 0.03 needs (1.96 √0.1 + 0.8416 √0.0991)² / 0.0009 = 870.
  const int64_t images = 200'000;
  const auto needed = images_to_tell({images, images * 35 / 1000, images * 65 / 1000}, 0.01);
  EXPECT_NEAR(static_cast<double>(needed.value()), 870, 2);
  // No difference: (1.96 + 0.8416)² 0.1 / 0.01² = 7849 to lie within 1 %.
  const auto same = images_to_tell({images, images / 20, images / 20}, 0.01);
  EXPECT_NEAR(static_cast<double>(same.value()), 7849, 5);
  EXPECT_FALSE(images_to_tell({100, 5, 5}, 0));
}

TEST(PairedAccuracy, TheImagesNeededGiveThePowerPromised) {
  const uint64_t seed = 11;
  Random random(seed);
  const double up = 0.08;
  const double down = 0.04;
  const int64_t images = images_to_tell({1'000'000, 40'000, 80'000}, 0.01).value();
  int told = 0;
  for (int trial = 0; trial < 400; ++trial) {
    PairedCounts counts{images};
    for (int64_t i = 0; i < images; ++i) {
      const double draw = random.uniform();
      counts.only_new += draw < up ? 1 : 0;
      counts.only_old += draw > 1 - down ? 1 : 0;
    }
    told += mcnemar_p(counts.only_old, counts.only_new) <= 0.05 ? 1 : 0;
  }
  EXPECT_NEAR(told / 400.0, 0.8, 0.08) << "seed " << seed;
}

TEST(PairedAccuracy, FalseAlarmsStayRare) {
  const uint64_t seed = 12;
  Random random(seed);
  int alarms = 0;
  for (int trial = 0; trial < 300; ++trial) {
    PairedCounts counts{400};
    for (int i = 0; i < 400; ++i) {
      const double draw = random.uniform();
      counts.only_new += draw < 0.06 ? 1 : 0;
      counts.only_old += draw > 0.94 ? 1 : 0;
    }
    const double p = mcnemar_p(counts.only_old, counts.only_new);
    alarms += p <= 0.05 ? 1 : 0;
  }
  EXPECT_LE(alarms, 25) << "seed " << seed;
}

}  // namespace
}  // namespace nitro::measure
