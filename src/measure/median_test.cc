#include "measure/median.h"

#include <gtest/gtest.h>

#include <vector>

namespace nitro::measure {
namespace {

struct Row {
  int64_t n, low, high;
  double coverage;
};

class MedianRanksTable : public testing::TestWithParam<Row> {};

TEST_P(MedianRanksTable, AsPublished) {
  const Row expected = GetParam();
  const auto ranks = median_ranks(expected.n);
  ASSERT_TRUE(ranks.has_value());
  EXPECT_EQ(ranks->low, expected.low);
  EXPECT_EQ(ranks->high, expected.high);
  EXPECT_NEAR(100 * median_coverage(expected.n, *ranks), expected.coverage, 0.06);
}

INSTANTIATE_TEST_SUITE_P(FivePercent, MedianRanksTable,
                         testing::Values(Row{6, 1, 6, 96.9}, Row{8, 1, 8, 99.2},
                                         Row{10, 2, 9, 97.9}, Row{15, 4, 12, 96.5},
                                         Row{20, 6, 15, 95.9}, Row{30, 10, 21, 95.7},
                                         Row{50, 18, 33, 96.7}, Row{100, 40, 61, 96.5},
                                         Row{200, 86, 115, 96.0}, Row{500, 228, 273, 95.6},
                                         Row{1000, 469, 532, 95.4}));

TEST(MedianRanks, NothingBelowSix) {
  for (int64_t n = 0; n < 6; ++n) EXPECT_FALSE(median_ranks(n).has_value()) << n;
  EXPECT_FALSE(median_interval(std::vector<double>{1, 2, 3, 4, 5}).has_value());
}

TEST(MedianRanks, CoverAndStaySymmetricForEachCount) {
  for (int64_t n = 6; n < 3000; n += 7) {
    const auto ranks = median_ranks(n);
    ASSERT_TRUE(ranks.has_value()) << n;
    EXPECT_EQ(ranks->low + ranks->high, n + 1);
    EXPECT_GE(median_coverage(n, *ranks), 0.95) << n;
    EXPECT_LT(median_coverage(n, {ranks->low + 1, ranks->high - 1}), 0.95) << n;
  }
}

TEST(MedianRanks, SurviveMillions) {
  const auto ranks = median_ranks(10'000'000);
  ASSERT_TRUE(ranks.has_value());
  EXPECT_NEAR(static_cast<double>(5'000'000 - ranks->low), 0.98 * 3162, 5);
}

TEST(Median, OddEvenAndOrder) {
  EXPECT_EQ(median(std::vector<double>{3, 1, 2}), 2);
  EXPECT_EQ(median(std::vector<double>{4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median(std::vector<double>{7}), 7);
}

TEST(Median, IntervalTakesTheOrderStatistics) {
  const std::vector<double> values = {10, 3, 5, 1, 8, 2, 9, 4, 7, 6};
  const auto interval = median_interval(values);
  ASSERT_TRUE(interval.has_value());
  EXPECT_EQ(interval->median, 5.5);
  EXPECT_EQ(interval->low, 2);
  EXPECT_EQ(interval->high, 9);
  EXPECT_DOUBLE_EQ(interval->relative_half_width(), 7 / 11.0);
}

TEST(Median, SpreadIgnoresOutliers) {
  const std::vector<double> values = {1, 2, 3, 4, 1000};
  EXPECT_DOUBLE_EQ(median_absolute_deviation(values), 1.4826);
  EXPECT_EQ(interquartile_range(values), 2);
}

}  // namespace
}  // namespace nitro::measure
