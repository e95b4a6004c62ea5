#include "measure/percentile.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace nitro::measure {
namespace {

struct Row {
  double p, confidence;
  int64_t exceedances, smallest_count;
};

class CountsTable : public testing::TestWithParam<Row> {};

TEST_P(CountsTable, AsPublished) {
  const Row row = GetParam();
  EXPECT_EQ(allowed_exceedances(row.smallest_count, row.p, row.confidence), row.exceedances);
  EXPECT_LT(allowed_exceedances(row.smallest_count - 1, row.p, row.confidence).value_or(-1),
            row.exceedances);
}

INSTANTIATE_TEST_SUITE_P(
    Percentiles, CountsTable,
    testing::Values(Row{0.9, 0.95, 0, 29}, Row{0.9, 0.95, 1, 46}, Row{0.9, 0.95, 2, 61},
                    Row{0.9, 0.95, 3, 76}, Row{0.9, 0.95, 5, 103}, Row{0.9, 0.95, 10, 167},
                    Row{0.9, 0.99, 0, 44}, Row{0.9, 0.99, 1, 64}, Row{0.9, 0.99, 10, 197},
                    Row{0.99, 0.95, 0, 299}, Row{0.99, 0.95, 1, 473}, Row{0.99, 0.95, 2, 628},
                    Row{0.99, 0.95, 3, 773}, Row{0.99, 0.95, 5, 1049}, Row{0.99, 0.95, 10, 1693},
                    Row{0.99, 0.99, 0, 459}, Row{0.99, 0.99, 1, 662}, Row{0.99, 0.99, 10, 2010},
                    Row{0.999, 0.95, 0, 2995}, Row{0.999, 0.99, 0, 4603}));

TEST(Percentile, NeedsTheCounts) {
  std::vector<double> values(28, 1.0);
  EXPECT_FALSE(percentile(values, 0.9).has_value());
  values.push_back(1.0);
  EXPECT_TRUE(percentile(values, 0.9).has_value());
  EXPECT_FALSE(percentile(values, 0.99).has_value());
  EXPECT_FALSE(percentile({}, 0.9).has_value());
}

TEST(Percentile, IsTheNearestRank) {
  std::vector<double> values(300);
  std::iota(values.rbegin(), values.rend(), 1.0);
  EXPECT_EQ(percentile(values, 0.90), 270);
  EXPECT_EQ(percentile(values, 0.99), 297);
}

}  // namespace
}  // namespace nitro::measure
