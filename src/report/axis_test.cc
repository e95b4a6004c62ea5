#include "report/axis.h"

#include <gtest/gtest.h>

namespace nitro::report {
namespace {

TEST(Axis, PositionsAndTicks) {
  const Axis axis{200, 260};
  EXPECT_DOUBLE_EQ(axis.position(230), 50);
  EXPECT_DOUBLE_EQ(axis.position(500), 100);
  EXPECT_DOUBLE_EQ(axis.position(0), 0);
  EXPECT_EQ(axis.ticks(5), (std::vector<double>{200, 220, 240, 260}));
}

TEST(Axis, OutliersDoNotStretchIt) {
  std::vector<double> values(100, 10);
  for (size_t i = 0; i < values.size(); ++i) values[i] += static_cast<double>(i % 10);
  values.push_back(1e9);
  EXPECT_LT(axis_of(values).high, 60);
}

TEST(Axis, OneValue) {
  const Axis axis = axis_of({5, 5, 5});
  EXPECT_LT(axis.low, 5);
  EXPECT_GT(axis.high, 5);
  EXPECT_EQ(axis_of({0}).ticks(5).size(), 1U);
}

}  // namespace
}  // namespace nitro::report
