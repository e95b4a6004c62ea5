#include "measure/mann_whitney.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "measure/holm.h"

namespace nitro::measure {
namespace {

/// U by counting pairs, so that it shares nothing with the ranks of the implementation.
double doubled_u(const std::vector<double>& a, const std::vector<double>& b) {
  double u = 0;
  for (double x : a) {
    for (double y : b) u += x > y ? 2 : x == y ? 1 : 0;
  }
  return u;
}

/// p by trying every way to deal the values out to the two sides.
double enumerated_p(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> all = a;
  all.insert(all.end(), b.begin(), b.end());
  const auto mean = static_cast<double>(a.size() * b.size());
  const double seen = std::abs(doubled_u(a, b) - mean);
  int as_extreme = 0;
  int total = 0;
  for (unsigned mask = 0; mask < (1U << all.size()); ++mask) {
    if (static_cast<size_t>(std::popcount(mask)) != a.size()) continue;
    std::vector<double> left;
    std::vector<double> right;
    for (size_t i = 0; i < all.size(); ++i) (mask >> i & 1U ? left : right).push_back(all[i]);
    ++total;
    if (std::abs(doubled_u(left, right) - mean) >= seen) ++as_extreme;
  }
  return static_cast<double>(as_extreme) / total;
}

TEST(MannWhitney, AgreesWithEnumeration) {
  constexpr uint64_t kSeed = 5;
  Random random(kSeed);
  for (int round = 0; round < 60; ++round) {
    std::vector<double> a(static_cast<size_t>(1 + random.below(5)));
    std::vector<double> b(static_cast<size_t>(1 + random.below(5)));
    // Few distinct values in every second round, so that there are ties.
    const int64_t distinct = round % 2 == 0 ? 4 : 1'000'000;
    for (double& x : a) x = static_cast<double>(random.below(distinct));
    for (double& x : b) x = static_cast<double>(random.below(distinct));
    EXPECT_NEAR(mann_whitney_p(a, b), enumerated_p(a, b), 1e-12)
        << "seed " << kSeed << " round " << round;
  }
}

TEST(MannWhitney, SmallestPossiblePAndLayersItCanSeparate) {
  struct Row {
    int n;
    double p;
    int64_t layers;
  };
  for (const Row& row : {Row{3, 0.10, 0}, Row{4, 0.029, 1}, Row{5, 0.0079, 6}, Row{6, 0.0022, 23},
                         Row{7, 0.00058, 85}, Row{8, 0.00016, 321}, Row{10, 0.000011, 4618}}) {
    std::vector<double> a;
    std::vector<double> b;
    for (int i = 0; i < row.n; ++i) {
      a.push_back(i);
      b.push_back(100 + i);
    }
    const double p = mann_whitney_p(a, b);
    EXPECT_NEAR(p / row.p, 1, 0.05) << row.n;
    EXPECT_EQ(mann_whitney_p(b, a), p);
    EXPECT_EQ(static_cast<int64_t>(0.05 / p), row.layers) << row.n;
  }
}

TEST(MannWhitney, EqualSidesAreNotDifferent) {
  const std::vector<double> few(5, 1.0);
  const std::vector<double> many(50, 1.0);
  EXPECT_EQ(mann_whitney_p(few, few), 1);
  EXPECT_EQ(mann_whitney_p(many, many), 1);
  EXPECT_EQ(mann_whitney_p({}, few), 1);
}

TEST(MannWhitney, ManyValuesUseTheNormalApproximation) {
  constexpr uint64_t kSeed = 6;
  Random random(kSeed);
  std::vector<double> a(25);
  std::vector<double> b(30);
  for (double& x : a) x = random.normal();
  for (double& x : b) x = random.normal() + 0.5;
  const double variance = 25 * 30 * 56 / 12.0;
  const double distance = std::abs(doubled_u(a, b) / 2 - 25 * 30 / 2.0) - 0.5;
  EXPECT_NEAR(mann_whitney_p(a, b), std::erfc(distance / std::sqrt(2 * variance)), 1e-12)
      << "seed " << kSeed;
}

TEST(MannWhitney, ApproximationContinuesTheExactTest) {
  // 20 against 20 is exact and 21 against 21 is not, while the pattern of ranks hardly changes.
  std::vector<double> a;
  std::vector<double> b;
  for (int i = 0; i < 20; ++i) {
    a.push_back(2 * i);
    b.push_back(2 * i + 5);
  }
  const double exact = mann_whitney_p(a, b);
  a.push_back(40);
  b.push_back(45);
  EXPECT_NEAR(mann_whitney_p(a, b), exact, 0.03);
}

TEST(Holm, AgreesWithTheStepDownRule) {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};
  const std::vector<double> adjusted = holm_adjusted(p);
  const std::vector<double> expected = {0.03, 0.06, 0.06, 0.02};
  for (size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(adjusted[i], expected[i], 1e-12) << i;
  EXPECT_TRUE(holm_adjusted({}).empty());
  EXPECT_EQ(holm_adjusted(std::vector<double>{0.9, 0.8}), (std::vector<double>{1, 1}));
}

}  // namespace
}  // namespace nitro::measure
