#include "measure/summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "measure/autocorrelation.h"
#include "measure/simulated_clock.h"

namespace nitro::measure {
namespace {

constexpr uint64_t kSeed = 77;

Samples simulate(SimulatedClock clock, int count) {
  Random random(kSeed);
  Samples samples;
  for (int i = 0; i < count; ++i) samples.ns.push_back(clock.sample(random));
  return samples;
}

bool has(const Summary& summary, QualityCode code) {
  return std::ranges::find(summary.notes, code, &QualityNote::code) != summary.notes.end();
}

TEST(Summary, RecoversTheTruthThroughOutliers) {
  Samples samples = simulate({.truth_ns = 2e6, .noise = 0.01}, 1000);
  for (size_t i = 0; i < samples.ns.size(); i += 50) samples.ns[i] *= 20;
  const Summary summary = summarize(samples, StopReason::kPrecise).value();
  EXPECT_NEAR(summary.median_ns, 2e6, 2e6 * 0.002);
  EXPECT_LE(*summary.low_ns, 2e6);
  EXPECT_GE(*summary.high_ns, 2e6);
  EXPECT_NEAR(summary.mad_ns, 2e4, 2e3);
  EXPECT_EQ(summary.n, 1000);
  EXPECT_TRUE(summary.notes.empty());
}

TEST(Summary, DriftIsNotedAsAutocorrelation) {
  const Summary summary = summarize(simulate({.noise = 0.01, .drift = 0.0005}, 200)).value();
  EXPECT_TRUE(has(summary, QualityCode::kAutocorrelated));
  EXPECT_GT(summary.autocorrelation, 0.8);
}

TEST(Summary, SteadyNoiseIsNotAutocorrelated) {
  const Samples samples = simulate({.noise = 0.05}, 300);
  EXPECT_NEAR(lag1_autocorrelation(samples.ns), 0, 0.2);
  EXPECT_FALSE(is_autocorrelated(samples.ns));
}

TEST(Summary, TwoSpeedsAreFound) {
  const Summary summary =
      summarize(simulate({.truth_ns = 1e6, .noise = 0.02, .slow_share = 0.3}, 400)).value();
  ASSERT_TRUE(has(summary, QualityCode::kBimodal));
  EXPECT_NEAR(summary.modes->fast_ns, 1e6, 1e4);
  EXPECT_NEAR(summary.modes->slow_ns, 1.3e6, 2e4);
  EXPECT_NEAR(summary.modes->slow_share, 0.3, 0.06);
}

TEST(Summary, OneSpeedIsNotTakenForTwo) {
  Random random(kSeed);
  for (int round = 0; round < 300; ++round) {
    const int count = 20 + static_cast<int>(random.below(500));
    SimulatedClock clock{.noise = random.uniform(0.001, 0.6)};
    std::vector<double> normal;
    std::vector<double> uniform;
    for (int i = 0; i < count; ++i) {
      normal.push_back(clock.sample(random));
      uniform.push_back(random.uniform(1, 2));
    }
    EXPECT_FALSE(find_modes(normal).has_value()) << "seed " << kSeed << " round " << round;
    EXPECT_FALSE(find_modes(uniform).has_value()) << "seed " << kSeed << " round " << round;
  }
}

TEST(Summary, FewSamplesHaveNoIntervalAndNoTail) {
  const Summary summary = summarize({.ns = {3, 1, 2}}).value();
  EXPECT_EQ(summary.median_ns, 2);
  EXPECT_TRUE(has(summary, QualityCode::kFewSamples));
  const Json json = to_json(summary);
  for (const char* key : {"low_ns", "high_ns", "p90_ns", "p99_ns", "stop_reason"}) {
    EXPECT_TRUE(json.at(key).is_null()) << key;
  }
}

TEST(Summary, NoiseAndInterruptionAreNoted) {
  const Summary summary = summarize(simulate({.noise = 0.3}, 30), StopReason::kInterrupted).value();
  EXPECT_TRUE(has(summary, QualityCode::kNoiseAboveLimit));
  EXPECT_TRUE(has(summary, QualityCode::kInterrupted));
}

TEST(Summary, RefusesImpossibleSamples) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& ns :
       {std::vector<double>{}, {1, 0}, {-1}, {infinity}, {1, std::nan("")}}) {
    const auto summary = summarize({.ns = ns});
    ASSERT_FALSE(summary.has_value());
    EXPECT_EQ(summary.error().code, ErrorCode::kRunnerFailed);
  }
}

TEST(Summary, JsonReadsBack) {
  Samples samples = simulate({.slow_share = 0.4}, 400);
  samples.cold_first_ns = 9e7;
  samples.discarded = 2;
  const Json json = to_json(summarize(samples, StopReason::kPlateau).value());
  EXPECT_EQ(json.at("stop_reason").as_string(), "plateau");
  EXPECT_EQ(to_json(summary_from_json(json).value()), json);
}

TEST(Summary, RefusesMalformedJson) {
  for (const char* text : {"null", "[]", "{}", R"({"median_ns":"1"})",
                           R"({"median_ns":-1,"min_ns":1,"mad_ns":0,"iqr_ns":0,"mean_ns":1,
                               "autocorrelation":0,"n":1})"}) {
    EXPECT_FALSE(summary_from_json(Json::parse(text).value()).has_value()) << text;
  }
}

TEST(Samples, JsonReadsBack) {
  const Samples samples{{1.5, 2}, {0, 3}, 7.0, 1};
  EXPECT_EQ(samples_from_json(Json::parse(to_json(samples).dump()).value()).value(), samples);
}

TEST(Samples, RefusesMalformedJson) {
  for (const char* text : {"null", "{}", R"({"ns":3})", R"({"ns":[0]})", R"({"ns":[null]})",
                           R"({"ns":["1"]})", R"({"ns":[1],"start_ns":[1,2]})",
                           R"({"ns":[1],"start_ns":[0.5]})", R"({"ns":[1],"discarded":-1})"}) {
    const auto samples = samples_from_json(Json::parse(text).value());
    ASSERT_FALSE(samples.has_value()) << text;
    EXPECT_EQ(samples.error().code, ErrorCode::kBadFile);
  }
}

}  // namespace
}  // namespace nitro::measure
