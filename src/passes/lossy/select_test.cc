#include "passes/lossy/select.h"

#include <numeric>

#include "passes/testing.h"

namespace nitro::passes {
namespace {

struct Case {
  MeanCovariance moments;
  Matrix weight;
  std::vector<double> bias;
};

/// Random moments of `width` values that `hidden` others make, and a layer of 5 outputs on them.
Case random_case(uint64_t seed, size_t width, size_t hidden) {
  Random random(seed);
  Matrix mix(width, hidden), weight(width, 5);
  mix.values = random_values(random, static_cast<int64_t>(mix.values.size()));
  weight.values = random_values(random, static_cast<int64_t>(weight.values.size()));
  return {{random_values(random, static_cast<int64_t>(width)), product(mix, transposed(mix))},
          weight,
          random_values(random, 5)};
}

/// The part of the expected square of the output that `change`, a difference of weights, makes.
double squared_error(const Matrix& covariance, const Matrix& change) {
  const Matrix moved = product(covariance, change);
  return std::inner_product(moved.values.begin(), moved.values.end(), change.values.begin(), 0.0);
}

/// The expected square of the change of the output by leaving out all but `kept`, as it is.
double uncompensated(const Case& before, const std::vector<size_t>& kept) {
  Matrix change = before.weight;
  for (size_t i : kept) std::fill(change.row(i), change.row(i + 1), 0.0);
  return squared_error(before.moments.covariance, change);
}

double compensated(const Case& before, const Narrowed& after) {
  Matrix change = before.weight;
  for (size_t k = 0; k < after.kept.size(); ++k) {
    for (size_t j = 0; j < change.columns; ++j)
      change.at(after.kept[k], j) -= after.weight.at(k, j);
  }
  return squared_error(before.moments.covariance, change);
}

/// The mean of the output.
std::vector<double> mean_output(const std::vector<double>& mean, const Matrix& weight,
                                std::vector<double> bias) {
  for (size_t i = 0; i < mean.size(); ++i) {
    for (size_t j = 0; j < bias.size(); ++j) bias[j] += mean[i] * weight.at(i, j);
  }
  return bias;
}

TEST(Narrow, LosesNothingWhereTheKeptMakeTheOthers) {
  const Case before = random_case(1, 24, 8);
  const Narrowed after = narrow(before.moments, before.weight, before.bias, 1, 8, 1e-9);
  EXPECT_EQ(after.kept.size(), 8U);
  EXPECT_LT(compensated(before, after),
            1e-6 * squared_error(before.moments.covariance, before.weight));
}

TEST(Narrow, NeverLosesMoreThanWithoutPrediction) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const size_t group = 1 + seed % 3;
    const Case before = random_case(seed, 4 * group, 3 + seed % 7);
    for (size_t keep : {1, 2, 3}) {
      for (double ridge : {1e-6, 1e-2, 10.0}) {
        const Narrowed after =
            narrow(before.moments, before.weight, before.bias, group, keep, ridge);
        ASSERT_EQ(after.kept.size(), keep * group);
        EXPECT_LE(compensated(before, after), uncompensated(before, after.kept) * (1 + 1e-9));
        std::vector<double> mean;
        for (size_t i : after.kept) mean.push_back(before.moments.mean[i]);
        const auto wanted = mean_output(before.moments.mean, before.weight, before.bias);
        const auto got = mean_output(mean, after.weight, after.bias);
        for (size_t j = 0; j < wanted.size(); ++j) EXPECT_NEAR(wanted[j], got[j], 1e-6);
      }
    }
  }
}

TEST(Narrow, TakesWhatTheOutputDoesNotRead) {
  Case before = random_case(2, 6, 6);
  std::fill(before.weight.row(4), before.weight.row(5), 0.0);
  const Narrowed after = narrow(before.moments, before.weight, before.bias, 1, 5, 1e-6);
  EXPECT_EQ(after.kept, (std::vector<size_t>{0, 1, 2, 3, 5}));
  EXPECT_LT(compensated(before, after),
            1e-9 * squared_error(before.moments.covariance, before.weight));
}

TEST(Narrow, PutsConstantsIntoTheBias) {
  Case before = random_case(3, 6, 6);
  for (size_t i = 0; i < 6; ++i) before.moments.covariance.at(2, i) = 0;
  for (size_t i = 0; i < 6; ++i) before.moments.covariance.at(i, 2) = 0;
  const Narrowed after = narrow(before.moments, before.weight, before.bias, 1, 5, 1e-6);
  EXPECT_EQ(after.kept, (std::vector<size_t>{0, 1, 3, 4, 5}));
  EXPECT_NEAR(after.bias[0], before.bias[0] + before.moments.mean[2] * before.weight.at(2, 0),
              1e-9);
}

TEST(FitAffine, FindsAnAffineFunction) {
  const Case sources = random_case(4, 5, 5);
  Matrix all(10, 5);  // the sources, and what the weight makes of them
  for (size_t i = 0; i < 5; ++i) all.at(i, i) = 1;
  const Matrix targets = transposed(sources.weight);
  std::ranges::copy(targets.values, all.row(5));
  MeanCovariance moments{sources.moments.mean,
                         product(all, product(sources.moments.covariance, transposed(all)))};
  const auto means = mean_output(sources.moments.mean, sources.weight, sources.bias);
  moments.mean.insert(moments.mean.end(), means.begin(), means.end());
  const AffineFit fit = fit_affine(moments, range(0, 5), range(5, 5), 1e-9);
  for (size_t i = 0; i < 25; ++i) EXPECT_NEAR(fit.weight.values[i], sources.weight.values[i], 1e-5);
  for (size_t j = 0; j < 5; ++j) EXPECT_NEAR(fit.bias[j], sources.bias[j], 1e-5);
}

}  // namespace
}  // namespace nitro::passes
