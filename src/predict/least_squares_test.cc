#include "predict/least_squares.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nitro::predict {
namespace {

TEST(LeastSquares, ALine) {
  const auto residuals = [](const std::vector<double>& p) {
    std::vector<double> values;
    for (int x = 0; x < 10; ++x) values.push_back(p[0] + p[1] * x - (3 - 0.5 * x));
    return values;
  };
  const std::vector<double> found = least_squares(residuals, {0, 0});
  EXPECT_NEAR(found[0], 3, 1e-6);
  EXPECT_NEAR(found[1], -0.5, 1e-6);
}

TEST(LeastSquares, ACurvedValley) {
  const auto rosenbrock = [](const std::vector<double>& p) {
    return std::vector<double>{10 * (p[1] - p[0] * p[0]), 1 - p[0]};
  };
  const std::vector<double> found = least_squares(rosenbrock, {-1.2, 1}, 500);
  EXPECT_NEAR(found[0], 1, 1e-3);
  EXPECT_NEAR(found[1], 1, 1e-3);
}

TEST(LeastSquares, StaysWhereNothingMatters) {
  const auto constant = [](const std::vector<double>&) { return std::vector<double>{2}; };
  EXPECT_EQ(least_squares(constant, {5, 7}), (std::vector<double>{5, 7}));
}

}  // namespace
}  // namespace nitro::predict
