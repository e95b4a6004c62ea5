#include "measure/compare.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "measure/median.h"
#include "measure/simulated_clock.h"
#include "measure/stopping.h"

namespace nitro::measure {
namespace {

/// Two variants as a default comparison sees them: five interleaved pairs of runs, each
/// with a level of its own (1 %), samples with 3 % noise, a machine that warms up by 2 % meanwhile,
/// and the default stopping rule.
RepetitionPairs simulate(double true_speedup, Random& random) {
  constexpr int kRepetitions = 5;
  const auto run = [&](double truth_ns) {
    SimulatedClock clock{.truth_ns = truth_ns * std::exp(0.01 * random.normal())};
    Stopping stopping;
    while (!stopping.done()) stopping.add(clock.sample(random));
    return median(stopping.measured());
  };
  RepetitionPairs pairs;
  for (int i = 0; i < kRepetitions; ++i) {
    const double warmth = 1 + 0.02 * i / kRepetitions;
    pairs.old_ns.push_back(run(5e6 * warmth));
    pairs.new_ns.push_back(run(5e6 * warmth / true_speedup));
  }
  return pairs;
}

/// How many of `count` simulated comparisons end with each verdict.
std::array<int, 4> count_verdicts(double true_speedup, int count, uint64_t seed) {
  Random random(seed);
  std::array<int, 4> verdicts{};
  for (int i = 0; i < count; ++i) {
    const auto verdict = compare(simulate(true_speedup, random)).value().verdict;
    ++verdicts[std::to_underlying(verdict)];
  }
  return verdicts;
}

constexpr uint64_t kSeed = 31337;
constexpr int kPairs = 500;
constexpr auto kFasterIndex = std::to_underlying(Verdict::kFaster);
constexpr auto kSlowerIndex = std::to_underlying(Verdict::kSlower);

TEST(Compare, RarelyTellsAVariantFromItself) {
  const auto verdicts = count_verdicts(1.0, kPairs, kSeed);
  EXPECT_LE(verdicts[kFasterIndex] + verdicts[kSlowerIndex], kPairs * 5 / 100) << "seed " << kSeed;
  RecordProperty("false_alarms", verdicts[kFasterIndex] + verdicts[kSlowerIndex]);
}

TEST(Compare, FindsATrueGainOfFivePercent) {
  const auto verdicts = count_verdicts(1.05, kPairs, kSeed);
  EXPECT_GE(verdicts[kFasterIndex], kPairs * 99 / 100) << "seed " << kSeed;
}

TEST(Compare, FindsATrueLossOfFivePercent) {
  const auto verdicts = count_verdicts(1 / 1.05, kPairs, kSeed);
  EXPECT_GE(verdicts[kSlowerIndex], kPairs * 99 / 100) << "seed " << kSeed;
}

class IntervalCoverage : public testing::TestWithParam<int> {};

TEST_P(IntervalCoverage, HoldsTheTruthAsOftenAsItSays) {
  Random random(kSeed);
  int covered = 0;
  constexpr int kComparisons = 300;
  for (int i = 0; i < kComparisons; ++i) {
    RepetitionPairs pairs;
    for (int j = 0; j < GetParam(); ++j) {
      pairs.old_ns.push_back(1.2e6 * std::exp(0.02 * random.normal()));
      pairs.new_ns.push_back(1e6 * std::exp(0.02 * random.normal()));
    }
    const Comparison comparison = compare(pairs).value();
    covered += comparison.low <= 1.2 && 1.2 <= comparison.high ? 1 : 0;
  }
  // Three standard errors of the simulation below what is promised.
  const double promised = GetParam() == 5 ? 0.9375 : 0.95;
  const double error = std::sqrt(promised * (1 - promised) / kComparisons);
  EXPECT_GE(covered, kComparisons * (promised - 3 * error)) << "seed " << kSeed;
}

INSTANTIATE_TEST_SUITE_P(Repetitions, IntervalCoverage, testing::Values(5, 6, 7, 12));

TEST(Compare, TinyCertainDifferenceIsTheSame) {
  RepetitionPairs pairs;
  for (int i = 0; i < 8; ++i) {
    pairs.old_ns.push_back(1003 + 0.1 * i);
    pairs.new_ns.push_back(1000 + 0.1 * i);
  }
  const Comparison comparison = compare(pairs).value();
  EXPECT_EQ(comparison.verdict, Verdict::kSame);
  EXPECT_NEAR(comparison.speedup, 1.003, 1e-4);
}

TEST(Compare, TooFewRepetitionsProveNothing) {
  EXPECT_EQ(compare({{200, 201, 202, 203}, {100, 101, 102, 103}})->verdict, Verdict::kUnclear);
  EXPECT_EQ(compare({{100, 100}, {100, 100}})->verdict, Verdict::kUnclear);
  EXPECT_EQ(compare({{200, 201, 202, 203, 204}, {100, 101, 102, 103, 104}})->verdict,
            Verdict::kFaster);
}

TEST(Compare, IntervalAloneIsNotEnough) {
  // Each pair gains 2 %, but the machine wandered by 30 %: ranks do not separate the sides.
  RepetitionPairs pairs;
  for (double level : {100.0, 110.0, 120.0, 130.0, 140.0}) {
    pairs.old_ns.push_back(level * 1.02);
    pairs.new_ns.push_back(level);
  }
  const Comparison comparison = compare(pairs).value();
  EXPECT_GT(comparison.low, 1.01);
  EXPECT_EQ(comparison.verdict, Verdict::kUnclear);
}

TEST(Compare, ManyLayersNeedMoreRepetitions) {
  const RepetitionPairs pairs{{200, 201, 202, 203, 204}, {100, 101, 102, 103, 104}};
  const auto six = compare_all(std::vector(6, pairs)).value();
  const auto seven = compare_all(std::vector(7, pairs)).value();
  EXPECT_EQ(six.front().verdict, Verdict::kFaster);
  EXPECT_EQ(seven.front().verdict, Verdict::kUnclear);
}

TEST(Compare, RefusesSidesThatDoNotPairUp) {
  EXPECT_EQ(compare({}).error().code, ErrorCode::kUsage);
  EXPECT_EQ(compare({{1, 2}, {1}}).error().code, ErrorCode::kUsage);
  EXPECT_EQ(compare({{1, 0}, {1, 1}}).error().code, ErrorCode::kRunnerFailed);
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(compare({{1}, {infinity}}).error().code, ErrorCode::kRunnerFailed);
}

TEST(Compare, JsonHasTheKeysAndIsRepeatable) {
  Random random(kSeed);
  const RepetitionPairs pairs = simulate(1.1, random);
  const Json json = to_json(compare(pairs).value());
  EXPECT_EQ(json, to_json(compare(pairs).value()));
  EXPECT_EQ(json.at("verdict").as_string(), "faster");
  for (const char* key : {"speedup", "low", "high", "p_value"}) {
    EXPECT_TRUE(json.at(key).is_number()) << key;
  }
}

}  // namespace
}  // namespace nitro::measure
