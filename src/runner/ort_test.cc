// ONNX Runtime end to end.
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "runner/doctor.h"
#include "runner/registry.h"
#include "runner/test_model.h"

namespace nitro::runner {
namespace {

using namespace std::chrono_literals;

using OrtTest = ModelTest;

TEST_F(OrtTest, LoadsRunsTimesAndProfiles) {
  auto runner = start_runner("ort");
  ASSERT_TRUE(runner.has_value()) << runner.error().text();
  EXPECT_EQ(runner->info().runner, "ort");
  EXPECT_TRUE(runner->info().can("profile"));
  EXPECT_TRUE(runner->info().environment.at("cpu").is_string());

  const auto model = runner->load(model_);
  ASSERT_TRUE(model.has_value()) << model.error().text();
  ASSERT_EQ(model->inputs.size(), 1U);
  EXPECT_EQ(model->inputs[0].dtype, DType::kF32);
  EXPECT_EQ(*model->inputs[0].shape, (std::vector<std::optional<int64_t>>{{}, 49, 32}));

  const StagedInputs staged = runner->stage(input(2)).value();
  const auto outputs = runner->run({model->handle, staged});
  ASSERT_TRUE(outputs.has_value()) << outputs.error().text();
  const Tensor& y = outputs->at("y");
  EXPECT_EQ(text(y.type()), "f32[2,49,16]");
  const std::vector<double> values = y.as<double>();
  double sum = 0;
  for (size_t i = 0; i < 16; ++i) sum += values[i];
  EXPECT_NEAR(sum, 1.0, 1e-5) << "a softmax row";

  const auto profile = runner->profile({model->handle, staged}, 6);
  ASSERT_TRUE(profile.has_value()) << profile.error().text();
  EXPECT_EQ(profile->run_ns.size(), 6U);
  EXPECT_TRUE(profile->unseen.empty());
  bool quoted = false;
  for (const NodeTime& node : profile->nodes) {
    EXPECT_EQ(node.durations_ns.size(), 6U);
    EXPECT_EQ(node.provider, "CPUExecutionProvider");
    quoted = quoted || node.name.starts_with("a \"quoted\\name");
  }
  EXPECT_TRUE(quoted);
  EXPECT_EQ(profile->nodes.back().outputs, std::vector<std::string>{"y"});
  EXPECT_EQ(profile->nodes.back().output_shapes[0], (std::vector<int64_t>{2, 49, 16}));

  EXPECT_TRUE(runner->unload(model->handle).has_value());
  EXPECT_TRUE(runner->bye().has_value());
}

TEST_F(OrtTest, TimesWorkloadsAgainstEachOther) {
  auto runner = start_runner("ort");
  ASSERT_TRUE(runner.has_value()) << runner.error().text();
  const auto a = runner->load(model_);
  const auto b = runner->load(model_, {.graph_level = "none"});
  ASSERT_TRUE(a.has_value() && b.has_value());
  const StagedInputs one = runner->stage(input(1)).value();
  const StagedInputs two = runner->stage(input(2)).value();
  const auto timed =
      runner->time({{{a->handle, one}, {a->handle, two}}, {{b->handle, one}}}, quick());
  ASSERT_TRUE(timed.has_value()) << timed.error().text();
  ASSERT_EQ(timed->variants.size(), 2U);
  for (const Timing& variant : timed->variants) {
    EXPECT_EQ(variant.samples_ns.size(), 12U);
    EXPECT_TRUE(variant.cold_ns.has_value());
  }
  EXPECT_EQ(timed->stopped_by, "count");
  EXPECT_FALSE(runner->time({{{a->handle, one}}}, quick())->variants[0].cold_ns.has_value());
}

TEST_F(OrtTest, BadRequestsKeepTheRunner) {
  auto runner = start_runner("ort");
  ASSERT_TRUE(runner.has_value()) << runner.error().text();
  EXPECT_EQ(runner->load(folder_.path() / "none.onnx").error().code, ErrorCode::kBadFile);
  ASSERT_TRUE(write_file_atomic(folder_.path() / "junk.onnx", "not a model").has_value());
  EXPECT_EQ(runner->load(folder_.path() / "junk.onnx").error().code, ErrorCode::kBadFile);
  EXPECT_EQ(runner->load(model_, {.provider = "abacus"}).error().code, ErrorCode::kRunnerFailed);
  const auto model = runner->load(model_);
  ASSERT_TRUE(model.has_value());
  EXPECT_EQ(runner->run({model->handle, {}}).error().code, ErrorCode::kShapeMismatch);
  const StagedInputs narrow = runner->stage({{"x", Tensor({DType::kF32, {1, 48, 32}})}}).value();
  EXPECT_EQ(runner->run({model->handle, narrow}).error().code, ErrorCode::kShapeMismatch);
  EXPECT_FALSE(runner->run({model->handle + 1, {}}).has_value());
  EXPECT_TRUE(runner->bye().has_value());
}

TEST_F(OrtTest, KilledInMidCall) {
  auto runner = start_runner("ort");
  ASSERT_TRUE(runner.has_value()) << runner.error().text();
  const auto model = runner->load(model_);
  ASSERT_TRUE(model.has_value());
  const StagedInputs staged = runner->stage(input(1)).value();
  const pid_t pid = runner->pid();
  std::jthread killer([pid] {
    std::this_thread::sleep_for(200ms);
    ::kill(pid, SIGKILL);
  });
  const auto timed = runner->time({{{model->handle, staged}}},
                                  {.max_samples = int64_t{1} << 40, .max_ns = 300'000'000'000});
  ASSERT_FALSE(timed.has_value());
  EXPECT_EQ(timed.error().code, ErrorCode::kRunnerFailed);
  EXPECT_NE(timed.error().text().find("signal 9 (Killed)"), std::string::npos)
      << timed.error().text();
}

TEST(Registry, UnknownRunnerAndMissingPython) {
  const auto unknown = start_runner("orx");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, ErrorCode::kUsage);
  EXPECT_EQ(unknown.error().hint, "did you mean 'ort'?");
  const auto missing = start_runner("ort", {.python = "/nonexistent/python"});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::kEnvironment);
  EXPECT_FALSE(missing.error().hint.empty());
}

TEST(Doctor, SaysWhatWorksAndWhatIsMissing) {
  const auto findings = examine_runners();
  ASSERT_FALSE(findings.empty());
  const Json json = to_json(findings);
  EXPECT_EQ(json.size(), findings.size());
  const auto without = examine_runners({.python = "/nonexistent/python"});
  for (const Finding& finding : without) {
    if (finding.name != "ort") continue;
    EXPECT_FALSE(finding.works);
    EXPECT_NE(finding.reason.find("/nonexistent/python"), std::string::npos);
    EXPECT_NE(text(without).find("pip install"), std::string::npos);
  }
}

}  // namespace
}  // namespace nitro::runner
