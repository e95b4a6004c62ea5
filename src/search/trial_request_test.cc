#include "search/trial_request.h"

#include <gtest/gtest.h>

#include "search/test_search.h"

namespace nitro::search {
namespace {

const std::string kRecipe = optimize::to_toml({{{"fuse-gelu"}}});

Result<Trial> answered(const Json& request, const Limits& limits = {}) {
  MadeUpEvaluator evaluator(made_up);
  return requested_trial(request, limits, evaluator);
}

TEST(TrialRequest, IsMeasuredAsItWouldBeHere) {
  const Limits limits;
  const auto trial = answered(trial_request(3, kRecipe, {limits}));
  ASSERT_TRUE(trial.has_value()) << trial.error().text();
  EXPECT_EQ(trial->number, 3);
  EXPECT_EQ(trial->recipe, kRecipe);
  EXPECT_TRUE(trial->complete());
  EXPECT_EQ(trial->latency->value, 8e6);
}

TEST(TrialRequest, BringsWhatEndsATrialEarly) {
  const Limits limits;
  TrialRules rules{limits};
  rules.to_beat = ToBeat{1, 5e6};
  const auto slow = answered(trial_request(3, kRecipe, rules));
  ASSERT_TRUE(slow.has_value());
  EXPECT_EQ(slow->stopped, "surely slower than trial 1");
  rules.known.insert(slow->model_sha256);
  const auto known = answered(trial_request(4, kRecipe, rules));
  ASSERT_TRUE(known.has_value());
  EXPECT_FALSE(known->latency.has_value()) << "the search has its numbers";
}

TEST(TrialRequest, WhatIsNoneIsRefused) {
  for (const char* text :
       {"{}", R"({"number": 1})", R"({"number": "1", "recipe": ""})",
        R"({"number": 1, "recipe": 2})", R"({"number": 1, "recipe": "[[step"})",
        R"({"number": 1, "recipe": "version = 1\n[[step]]\npass = \"no-such-pass\"\n"})"}) {
    EXPECT_FALSE(answered(Json::parse(text).value()).has_value()) << text;
  }
  const auto odd = answered(Json::object(
      {{"number", 1}, {"recipe", kRecipe}, {"known", 3}, {"to_beat", Json::object()}}));
  EXPECT_TRUE(odd.has_value()) << "nothing is known, nothing to beat";
}

}  // namespace
}  // namespace nitro::search
