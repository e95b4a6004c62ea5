#include "search/search.h"

#include <gtest/gtest.h>

#include <set>

#include "search/sensitivity.h"
#include "search/test_search.h"

namespace nitro::search {
namespace {

const Dropped& dropped(const Found& found, std::string_view step) {
  return *std::ranges::find(found.dropped, step, &Dropped::step);
}

TEST(Search, FindsTheOptimumAndExplainsIt) {
  MadeUpEvaluator evaluator(made_up);
  RandomSampler sampler;
  SearchOptions options = made_up_options();
  options.trials = 120;
  const auto found = search(options, evaluator, sampler);
  ASSERT_TRUE(found.has_value()) << found.error().text();
  ASSERT_TRUE(found->winner.has_value());
  EXPECT_EQ(description(options.space, found->winner->point),
            "fuse-gelu, split-fused-ops keep=0.5");
  EXPECT_NEAR(found->finalists[0].against_original.speedup, 10.0 / 6, 1e-3);
  ASSERT_EQ(found->ledger.size(), 2U);
  EXPECT_NEAR(found->ledger[0].against_without->speedup, 1 / 0.8, 1e-3);
  EXPECT_NEAR(found->ledger[1].against_without->speedup, 1 / 0.75, 1e-3);
  EXPECT_EQ(worst_loss(found->ledger[1].without), 0) << "all of the drop is by its second step";
  EXPECT_NE(dropped(*found, "batch-modalities").why.find("not faster"), std::string::npos);
  EXPECT_NE(dropped(*found, "sink-transposes").why.find("limits"), std::string::npos);
  EXPECT_NE(dropped(*found, "hoist-gathers").why.find("does not fit"), std::string::npos);
}

TEST(Search, HopelessTrialsEndEarly) {
  MadeUpEvaluator evaluator(made_up);
  RandomSampler sampler;
  const auto found = search(made_up_options(), evaluator, sampler);
  ASSERT_TRUE(found.has_value()) << found.error().text();
  EXPECT_LT(evaluator.looked_few, evaluator.timed) << "some are surely slower than the best";
  EXPECT_LT(evaluator.looked_all, evaluator.looked_few) << "some surely lose too much";
  for (const Trial& trial : found->trials) {
    EXPECT_TRUE(!trial.varied || trial.stopped.find("slower") == std::string::npos);
    EXPECT_TRUE(trial.stopped.empty() || !keeps({}, trial));
  }
}

TEST(Search, ARecipeIsMeasuredOnce) {
  MadeUpEvaluator evaluator(made_up);
  RandomSampler sampler;
  SearchOptions options = made_up_options();
  options.space = space_from_toml("[[step]]\npass='fuse-gelu'\n").value();
  const auto found = search(options, evaluator, sampler);
  ASSERT_TRUE(found.has_value()) << found.error().text();
  EXPECT_EQ(found->ended_by, "exhausted");
  EXPECT_EQ(evaluator.timed, 2);
  EXPECT_EQ(std::ranges::count_if(found->trials, [](const Trial& trial) { return !trial.same_as; }),
            2);
}

TEST(Search, SeveralDevicesFindTheSameAndCountEachTrialOnce) {
  for (size_t count : {1, 2, 7, 40}) {
    MadeUpEvaluator evaluator(made_up);
    MadeUpDevices devices(count, evaluator);
    RandomSampler sampler;
    SearchOptions options = made_up_options();
    options.trials = 120;
    const auto found = search(options, evaluator, sampler, devices);
    ASSERT_TRUE(found.has_value()) << found.error().text();
    ASSERT_TRUE(found->winner.has_value());
    EXPECT_EQ(description(options.space, found->winner->point),
              "fuse-gelu, split-fused-ops keep=0.5");
    EXPECT_EQ(devices.most, count);
    EXPECT_EQ(found->fleet.at("most").as_integer(), static_cast<int64_t>(count));
    std::set<int64_t> told;
    for (const auto& [proposal, outcome] : sampler.told)
      EXPECT_TRUE(told.insert(proposal.number).second) << proposal.number << " was told twice";
    EXPECT_EQ(told.size(), found->trials.size());
    std::set<std::string> recipes;
    for (const Trial& trial : found->trials) {
      EXPECT_TRUE(trial.measured() || !trial.error.empty()) << trial.number;
      if (trial.same_as || !trial.error.empty()) continue;
      EXPECT_TRUE(recipes.insert(trial.recipe).second) << "measured twice";
    }
  }
}

TEST(Search, OneDeviceOfAFleetTriesWhatThisMachineWould) {
  const auto tried = [](auto&& run) {
    std::vector<std::pair<int64_t, Point>> trials;
    MadeUpEvaluator evaluator(made_up);
    RandomSampler sampler;
    const auto found = run(evaluator, sampler);
    EXPECT_TRUE(found.has_value()) << found.error().text();
    for (const Trial& trial : found->trials) trials.emplace_back(trial.number, trial.point);
    return trials;
  };
  const SearchOptions options = made_up_options();
  const auto here = tried(
      [&](Evaluator& evaluator, Sampler& sampler) { return search(options, evaluator, sampler); });
  const auto there = tried([&](Evaluator& evaluator, Sampler& sampler) {
    MadeUpDevices devices(1, evaluator);
    return search(options, evaluator, sampler, devices);
  });
  EXPECT_EQ(here, there);
}

TEST(Search, InterruptedItDoesNotWaitForItsDevices) {
  MadeUpEvaluator evaluator(made_up);
  MadeUpDevices devices(4, evaluator);
  RandomSampler sampler;
  SearchOptions options = made_up_options();
  options.interrupted = [&] { return sampler.told.size() >= 5; };
  const auto found = search(options, evaluator, sampler, devices);
  ASSERT_TRUE(found.has_value()) << found.error().text();
  EXPECT_EQ(found->ended_by, "interrupted");
  EXPECT_EQ(found->trials.size(), 5U);
}

TEST(Search, InterruptedItKeepsWhatWasToldAndGoesOn) {
  MadeUpEvaluator evaluator(made_up);
  RandomSampler sampler;
  evaluator.before_timing = [](int timed) -> Result<void> {
    if (timed == 8) return fail(ErrorCode::kInterrupted, "now");
    return {};
  };
  const SearchOptions options = made_up_options();
  const auto first = search(options, evaluator, sampler);
  ASSERT_TRUE(first.has_value()) << first.error().text();
  EXPECT_EQ(first->ended_by, "interrupted");
  EXPECT_FALSE(first->winner.has_value());
  EXPECT_EQ(sampler.told.size(), first->trials.size());
  const size_t before = sampler.told.size();
  const auto second = search(options, evaluator, sampler);
  ASSERT_TRUE(second.has_value()) << second.error().text();
  EXPECT_GT(second->trials.size(), before);
  EXPECT_TRUE(second->winner.has_value());
}

TEST(Search, WhereNothingKeepsTheLimitsThereIsNoWinner) {
  MadeUpEvaluator evaluator(made_up);
  RandomSampler sampler;
  SearchOptions options = made_up_options();
  options.limits = {.accuracy = {.min_accuracy = 0.9}};
  options.trials = 15;
  const auto found = search(options, evaluator, sampler);
  ASSERT_TRUE(found.has_value()) << found.error().text();
  EXPECT_FALSE(found->winner.has_value());
  EXPECT_EQ(evaluator.looked_all, 0);
}

TEST(Search, WhatHelpedAloneIsTriedTogether) {
  MadeUpEvaluator evaluator(made_up);
  RandomSampler sampler;
  SearchOptions options = made_up_options();
  const size_t alone = sensitivity_points(options.space).size();
  options.trials = static_cast<int64_t>(alone) + 1;
  const auto found = search(options, evaluator, sampler);
  ASSERT_TRUE(found.has_value()) << found.error().text();
  const Point& joined = found->trials.at(alone).point;
  EXPECT_EQ(joined.at("fuse-gelu"), kOn);
  EXPECT_EQ(joined.at("split-fused-ops"), kOn);
  EXPECT_EQ(joined.at("batch-modalities"), kOff) << "slower";
  EXPECT_EQ(joined.at("sink-transposes"), kOff) << "beyond the limit";
  EXPECT_EQ(joined.at("hoist-gathers"), kOff) << "fails";
}

TEST(Search, WhatFailsFromTheStartEndsIt) {
  MadeUpEvaluator evaluator(
      [](const Passes&) { return MadeUpEvaluator::Made{.error = "the runner is broken"}; });
  RandomSampler sampler;
  const auto found = search(made_up_options(), evaluator, sampler);
  ASSERT_FALSE(found.has_value());
  EXPECT_NE(found.error().message.find("the runner is broken"), std::string::npos);
}

TEST(Search, ItsDocumentNamesEveryTrial) {
  MadeUpEvaluator evaluator(made_up);
  RandomSampler sampler;
  const SearchOptions options = made_up_options();
  const auto found = search(options, evaluator, sampler);
  ASSERT_TRUE(found.has_value()) << found.error().text();
  const Json json = to_json(*found, options);
  EXPECT_EQ(json.at("trials").size(), found->trials.size());
  EXPECT_GT(json.at("front").size(), 1U);
  EXPECT_EQ(json.at("winner").as_integer(), found->winner->number);
  double dearest = 0;
  for (const Json& step : json.at("ledger").items())
    dearest = std::max(dearest, step.at("cost").at("depth").as_number());
  EXPECT_NEAR(dearest, 0.01, 1e-9);
}

}  // namespace
}  // namespace nitro::search
