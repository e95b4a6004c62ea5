#include "optimize/accuracy_limits.h"

#include <gtest/gtest.h>

namespace nitro::optimize {
namespace {

/// Decisions on `images`, of which the first `right` are right.
eval::Decisions decisions(size_t images, size_t right) {
  eval::Decisions made;
  for (size_t i = 0; i < images; ++i) {
    made.decided.push_back(i < right ? 0 : 1);
    made.rank.push_back(i < right ? 0 : 1);
  }
  return made;
}

/// The checks of `limits` where `before` and then `after` of 100 images were right.
std::vector<LimitCheck> checks(const AccuracyLimits& limits, size_t before, size_t after) {
  eval::Metrics optimized;
  optimized.decisions = decisions(100, after);
  auto against = eval::compare_decisions("rgb", *optimized.decisions, decisions(100, before), {});
  against.fidelity = eval::fidelity_of({0.97, 0.99}, 1);
  return check_modality(limits, optimized, against);
}

TEST(AccuracyLimits, NoneAskNothing) {
  EXPECT_FALSE(AccuracyLimits().any());
  EXPECT_TRUE(checks({}, 80, 10).empty());
}

TEST(AccuracyLimits, ADropIsOfPoints) {
  const AccuracyLimits limits{.max_drop = 0.03};
  EXPECT_TRUE(checks(limits, 80, 77)[0].held) << "met exactly";
  EXPECT_TRUE(checks(limits, 80, 90)[0].held);
  const LimitCheck missed = checks(limits, 80, 76)[0];
  EXPECT_FALSE(missed.held);
  EXPECT_EQ(missed.limit, "max_drop");
  EXPECT_NEAR(*missed.value, 0.04, 1e-12);
}

TEST(AccuracyLimits, AModalityMayHaveABoundOfItsOwn) {
  AccuracyLimits limits{.min_accuracy = 0.7};
  EXPECT_TRUE(checks(limits, 80, 70)[0].held);
  EXPECT_FALSE(checks(limits, 80, 69)[0].held);
  limits.min_accuracy_of["rgb"] = 0.6;
  EXPECT_TRUE(checks(limits, 80, 69)[0].held);
  limits.min_accuracy_of = {{"depth", 0.9}};
  EXPECT_FALSE(checks(limits, 80, 69)[0].held);
  limits.min_accuracy.reset();
  EXPECT_TRUE(checks(limits, 80, 69).empty());
}

TEST(AccuracyLimits, TheCosineIsTheMean) {
  EXPECT_TRUE(checks({.min_cosine = 0.975}, 80, 80)[0].held);
  EXPECT_FALSE(checks({.min_cosine = 0.985}, 80, 80)[0].held);
}

TEST(AccuracyLimits, WhatCannotBeToldIsMissed) {
  const AccuracyLimits limits{.max_drop = 1, .min_accuracy = 0, .min_cosine = -1};
  const auto made = check_modality(limits, {}, {"rgb"});
  ASSERT_EQ(made.size(), 3U);
  for (const LimitCheck& check : made) {
    EXPECT_FALSE(check.held) << check.limit;
    EXPECT_FALSE(check.value) << check.limit;
    EXPECT_FALSE(to_json(check).at("value").is_number()) << check.limit;
  }
}

TEST(AccuracyLimits, MustFitTheTestSet) {
  eval::TestSet set;
  set.data.modalities = {"rgb"};
  EXPECT_TRUE(check_limits({.min_cosine = 0.9}, set));
  EXPECT_FALSE(check_limits({.max_drop = 0.1}, set)) << "without classes nothing is decided";
  EXPECT_FALSE(check_limits({.min_accuracy = 0.1}, set));
  set.task.classes = {"bed"};
  EXPECT_TRUE(check_limits({.max_drop = 0.1}, set));
  EXPECT_FALSE(check_limits({.min_accuracy_of = {{"depth", 0.1}}}, set));
}

}  // namespace
}  // namespace nitro::optimize
