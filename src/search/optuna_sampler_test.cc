#include "search/optuna_sampler.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include "base/file.h"
#include "runner/find_python.h"
#include "search/test_search.h"

namespace nitro::search {
namespace {

/// A sampler that answers each line with the next of `replies`, and then ends.
Result<OptunaSampler> replying(const std::vector<std::string>& replies) {
  std::string script;
  for (const std::string& reply : replies) script += "read line; echo '" + reply + "'; ";
  return OptunaSampler::start(runner::Command{{"sh", "-c", script + "echo last words >&2"}}, "");
}

class BadReply : public ::testing::TestWithParam<std::string> {};

TEST_P(BadReply, IsAnErrorOfTheSampler) {
  auto sampler = replying({GetParam()});
  ASSERT_TRUE(sampler.has_value());
  const auto opened = sampler->open({"study"});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kRunnerFailed);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadReply,
    ::testing::Values("", "{", "[]", "1", R"({"id": 1})", R"({"id": 2, "ok": true})",
                      R"({"id": 1, "ok": "yes"})", R"({"id": 1, "ok": true})",
                      R"({"id": 1, "ok": true, "optuna": "5", "trials": 1})",
                      R"({"id": 1, "ok": true, "optuna": "5", "trials": [{}]})",
                      R"({"id": 1, "ok": false})", "\\377"));

TEST(OptunaSampler, TheEndOfItsProcessHasItsLastWords) {
  auto sampler = replying({});
  ASSERT_TRUE(sampler.has_value());
  const auto opened = sampler->open({"study"});
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().message.find("last words"), std::string::npos) << opened.error().text();
}

TEST(OptunaSampler, WhatItReportsKeepsItsCodeAndHint) {
  auto sampler = replying(
      {R"({"id": 1, "ok": false, "error": {"code": "usage", "message": "no", "hint": "do"}})"});
  ASSERT_TRUE(sampler.has_value());
  const auto opened = sampler->open({"study"});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kUsage);
  EXPECT_EQ(opened.error().hint, "do");
}

TEST(OptunaSampler, AProposalOutsideTheSpaceIsRefused) {
  auto sampler = replying({R"({"id": 1, "ok": true, "optuna": "5", "trials": [], "again": 0})",
                           R"({"id": 2, "ok": true, "number": 0, "parameters": {"a": "z"}})"});
  ASSERT_TRUE(sampler.has_value());
  Study study{"study"};
  study.dimensions.push_back({"a", {"x", "y"}});
  ASSERT_TRUE(sampler->open(study).has_value());
  const auto proposal = sampler->ask();
  ASSERT_FALSE(proposal.has_value());
  EXPECT_EQ(proposal.error().code, ErrorCode::kRunnerFailed);
}

/// With the real Optuna, where it is installed.
class WithOptuna : public ::testing::Test {
 protected:
  void SetUp() override {
    auto probe =
        runner::Subprocess::start({{runner::find_python({}).native(), "-c", "import optuna"}});
    ASSERT_TRUE(probe.has_value());
    probe->wait(runner::Clock::now() + std::chrono::minutes(2));
    probe->kill_and_reap();
    if (probe->ending() != "exit code 0") GTEST_SKIP() << "optuna is not installed";
  }

  Result<Found> run(const SearchOptions& options, MadeUpEvaluator& evaluator) {
    auto sampler = TRY(OptunaSampler::start(
        std::filesystem::path(), "sqlite:///" + (folder_.path() / "search.db").native()));
    return search(options, evaluator, sampler);
  }

  ScratchFolder folder_ = ScratchFolder::create("nitro-test").value();
};

TEST_F(WithOptuna, BothSamplersFindAKnownOptimum) {
  for (const char* sampler : {"tpe", "nsga2"}) {
    MadeUpEvaluator evaluator(made_up);
    SearchOptions options = made_up_options();
    options.study.sampler = sampler;
    options.study.name = sampler;
    const auto found = run(options, evaluator);
    ASSERT_TRUE(found.has_value()) << found.error().text();
    ASSERT_TRUE(found->winner.has_value());
    EXPECT_LE(found->winner->latency->value, 6.5e6)
        << sampler << ": " << description(options.space, found->winner->point);
  }
}

TEST_F(WithOptuna, KilledAnywhereItGoesOnWithoutLossOrRepetition) {
  SearchOptions options = made_up_options();
  options.trials = 25;
  options.study.resume = true;
  for (int kill_at : {1, 2, 4, 3}) {
    const pid_t child = fork();
    if (child == 0) {
      MadeUpEvaluator evaluator(made_up);
      evaluator.before_timing = [&](int timed) -> Result<void> {
        if (timed == kill_at) kill(getpid(), SIGKILL);
        return {};
      };
      (void)run(options, evaluator);
      _exit(1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  MadeUpEvaluator evaluator(made_up);
  const auto found = run(options, evaluator);
  ASSERT_TRUE(found.has_value()) << found.error().text();
  EXPECT_EQ(found->again, 1) << "what the last of them was at";
  std::set<std::string> recipes;
  for (const Trial& trial : found->trials) {
    if (trial.same_as || !trial.error.empty()) continue;
    EXPECT_TRUE(recipes.insert(trial.recipe).second) << "measured twice";
  }
  // One, two, four and three were begun, of which the last each time was lost.
  EXPECT_EQ(
      std::ranges::count_if(found->trials, [](const Trial& t) { return t.varied.has_value(); }), 9);
  EXPECT_EQ(evaluator.timed + 0 + 1 + 3 + 2,
            std::ranges::count_if(found->trials,
                                  [](const Trial& t) { return !t.same_as && t.error.empty(); }));
}

TEST_F(WithOptuna, AnotherSearchOfTheSameNameIsRefused) {
  MadeUpEvaluator evaluator(made_up);
  SearchOptions options = made_up_options();
  options.trials = 3;
  ASSERT_TRUE(run(options, evaluator).has_value());
  const auto again = run(options, evaluator);
  ASSERT_FALSE(again.has_value()) << "without resume";
  EXPECT_EQ(again.error().code, ErrorCode::kUsage);
  options.study.resume = true;
  EXPECT_TRUE(run(options, evaluator).has_value());
  options.study.identity["model_sha256"] = "another";
  const auto other = run(options, evaluator);
  ASSERT_FALSE(other.has_value());
  EXPECT_NE(other.error().message.find("model_sha256"), std::string::npos);
}

}  // namespace
}  // namespace nitro::search
