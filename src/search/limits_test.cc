#include "search/limits.h"

#include <gtest/gtest.h>

namespace nitro::search {
namespace {

Trial trial(double latency_ns, double drop, double width) {
  Trial trial{1};
  trial.latency = Estimate{latency_ns, latency_ns * 0.99, latency_ns * 1.01};
  trial.memory_bytes = 1e6;
  trial.quality = {{"rgb", 100, {}, Estimate{0, -width, width}, Estimate{0.99, 0.98, 1}},
                   {"depth", 100, {}, Estimate{drop, drop - width, drop + width}}};
  trial.all_images = true;
  return trial;
}

TEST(Limits, TheWorstModalityDecides) {
  const Limits limits{.accuracy = {.max_drop = 0.01}};
  EXPECT_TRUE(keeps(limits, trial(1e6, 0.01, 0.02)));
  EXPECT_FALSE(keeps(limits, trial(1e6, 0.02, 0.02)));
  EXPECT_NEAR(violations(limits, trial(1e6, 0.03, 0.02)).at("max_drop"), 0.02, 1e-12);
  EXPECT_NEAR(worst_loss(trial(1e6, 0.03, 0.02).quality), 0.03, 1e-12);
}

TEST(Limits, OnlyWhatTheIntervalExcludesIsHopeless) {
  const Limits limits{.accuracy = {.max_drop = 0.01}};
  EXPECT_EQ(surely_beyond(limits, trial(1e6, 0.03, 0.025)), "");
  EXPECT_NE(surely_beyond(limits, trial(1e6, 0.03, 0.015)).find("depth"), std::string::npos);
}

TEST(Limits, OfLatencyMemoryAndCosine) {
  EXPECT_NE(surely_beyond({.max_latency_ns = 0.9e6}, trial(1e6, 0, 0)), "");
  EXPECT_EQ(surely_beyond({.max_latency_ns = 0.995e6}, trial(1e6, 0, 0)), "");
  EXPECT_NE(surely_beyond({.max_memory_bytes = 0.9e6}, trial(1e6, 0, 0)), "");
  EXPECT_TRUE(keeps({.accuracy = {.min_cosine = 0.985}}, trial(1e6, 0, 0)));
  EXPECT_FALSE(keeps({.accuracy = {.min_cosine = 0.995}}, trial(1e6, 0, 0)));
  EXPECT_EQ(surely_beyond({.accuracy = {.min_cosine = 0.995}}, trial(1e6, 0, 0)), "");
}

TEST(Limits, WhatWasNotLookedAtKeepsNothing) {
  Trial unfinished = trial(1e6, 0, 0);
  unfinished.all_images = false;
  EXPECT_FALSE(keeps({.accuracy = {.max_drop = 0.5}}, unfinished));
  EXPECT_TRUE(violations({.accuracy = {.max_drop = 0.5}}, Trial{}).empty());
}

TEST(Pareto, NobodyOnTheFrontIsBeaten) {
  std::vector<Trial> trials = {trial(3e6, 0, 0), trial(2e6, 0.01, 0), trial(2.5e6, 0.02, 0),
                               trial(1e6, 0.1, 0)};
  for (size_t i = 0; i < trials.size(); ++i) trials[i].number = static_cast<int64_t>(i);
  trials.push_back(trials[3]);
  trials.back().same_as = 3;
  std::vector<int64_t> numbers;
  for (const Trial* trial : pareto_front(trials)) numbers.push_back(trial->number);
  EXPECT_EQ(numbers, (std::vector<int64_t>{3, 1, 0}));
}

TEST(Trial, GoesThroughJson) {
  Trial before = trial(1e6, 0.03, 0.02);
  before.varied = Varied{"prune", "ratio", "0.3"};
  before.recipe = "version = 1\n";
  before.stopped = "why";
  const auto after = trial_from_json(to_json(before));
  ASSERT_TRUE(after.has_value()) << after.error().text();
  EXPECT_EQ(to_json(*after).dump(), to_json(before).dump());
}

TEST(Trial, ImpossibleNumbersAreRefused) {
  Json json = to_json(trial(1e6, 0.03, 0.02));
  json["latency_ns"] = "fast";
  EXPECT_FALSE(trial_from_json(json).has_value());
}

}  // namespace
}  // namespace nitro::search
