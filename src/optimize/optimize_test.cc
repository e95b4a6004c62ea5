// The whole of `optimize` on a small model with ONNX Runtime.
#include "optimize/optimize.h"

#include <gtest/gtest.h>

#include <numbers>

#include "base/file.h"
#include "onnx/export_model.h"
#include "passes/testing.h"
#include "runner/find_python.h"
#include "runner/subprocess.h"

namespace nitro::optimize {
namespace {

/// A linear layer with a decomposed GELU and another linear layer.
Graph small_model() {
  passes::TestGraph test;
  const ValueId x = test.linear(test.input({1, 49, 32}), 64);
  const ValueId erf = test.unary(UnaryKind::kErf, test.div(x, test.scalar(std::numbers::sqrt2)));
  const ValueId gelu = test.mul(test.mul(x, test.add(erf, test.scalar(1))), test.scalar(0.5));
  return test.finish({test.linear(gelu, 16)});
}

class OptimizeTest : public testing::Test {
 protected:
  OptimizeOptions options() {
    const auto file = folder_.path() / "small.onnx";
    EXPECT_TRUE(onnx::write_model(small_model(), file).has_value());
    OptimizeOptions options;
    options.source = file.native();
    options.output = folder_.path();
    options.repetitions = 5;
    options.ablation_repetitions = 2;
    options.command = {"nitro", "optimize", "small.onnx"};
    options.rules = {.warmup_ns = 1'000'000,
                     .max_warmup_ns = 5'000'000,
                     .max_samples = 12,
                     .min_ns = 1'000'000,
                     .max_ns = 1'000'000'000};
    return options;
  }

  static void expect_valid(const std::filesystem::path& result) {
    const std::string script = NITRO_SOURCE_DIR "/tests/validate_result.py";
    auto validator =
        runner::Subprocess::start({{runner::find_python({}).native(), script, result.native()}});
    ASSERT_TRUE(validator.has_value()) << validator.error().text();
    validator->wait(runner::Clock::now() + std::chrono::minutes(2));
    validator->kill_and_reap();
    if (validator->ending() == "exit code 77") GTEST_SKIP() << "jsonschema is not installed";
    EXPECT_EQ(validator->ending(), "exit code 0") << validator->stderr_tail();
  }

  ScratchFolder folder_ = ScratchFolder::create("nitro-test").value();
};

TEST_F(OptimizeTest, WritesModelRecipeAndAValidResult) {
  const auto optimized = optimize(options());
  ASSERT_TRUE(optimized.has_value()) << optimized.error().text();
  EXPECT_TRUE(optimized->outputs_ok);
  const Json& result = optimized->result;
  EXPECT_FALSE(result.at("interrupted").as_bool(true));
  EXPECT_EQ(result.at("numerics").size(), 4U) << "two runners with two inputs";
  for (const char* side : {"baseline", "optimized"}) {
    const Json& measured = result.at(side);
    EXPECT_EQ(measured.at("samples_ns").size(), 5U);
    EXPECT_EQ(measured.at("profile").at("attributed_share").as_number(), 1);
    EXPECT_GT(measured.at("profile").at("layers").size(), 0U);
  }
  EXPECT_TRUE(std::filesystem::exists(optimized->files.model));
  const auto text = read_file(optimized->files.recipe);
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(*text, result.at("recipe").as_string());
  EXPECT_TRUE(recipe_from_toml(*text).has_value());
  expect_valid(optimized->files.result);
}

TEST_F(OptimizeTest, InterruptedItWritesWhatThereIs) {
  OptimizeOptions stopped = options();
  bool compared = false;
  stopped.phase = [&](const std::string& phase) {
    compared = compared || phase.starts_with("baseline against");
  };
  stopped.setup.interrupted = [&] { return compared; };
  stopped.ablate = false;
  const auto optimized = optimize(stopped);
  ASSERT_TRUE(optimized.has_value()) << optimized.error().text();
  const Json& result = optimized->result;
  EXPECT_TRUE(result.at("interrupted").as_bool());
  EXPECT_EQ(result.at("baseline").at("samples_ns").size(), 1U);
  EXPECT_EQ(result.at("numerics").size(), 0U);
  EXPECT_EQ(result.at("comparison").at("verdict").as_string(), "unclear");
  expect_valid(optimized->files.result);
}

TEST_F(OptimizeTest, InterruptedBeforeTheFirstSampleItTakesABriefLook) {
  OptimizeOptions stopped = options();
  stopped.setup.interrupted = [] { return true; };
  const auto optimized = optimize(stopped);
  ASSERT_TRUE(optimized.has_value()) << optimized.error().text();
  const Json& result = optimized->result;
  EXPECT_TRUE(result.at("interrupted").as_bool());
  for (const char* side : {"baseline", "optimized"}) {
    EXPECT_EQ(result.at(side).at("summary").at("stop_reason").as_string(), "interrupted");
    EXPECT_EQ(result.at(side).at("profile").at("layers").size(), 0U);
  }
  EXPECT_TRUE(result.at("ledger").items().at(0).at("measured").is_null());
  expect_valid(optimized->files.result);
}

TEST_F(OptimizeTest, GivenInputsAreMeasuredAndCompared) {
  OptimizeOptions with = options();
  with.repetitions = 1;
  with.ablate = false;
  std::string name;
  with.given = [&](const std::vector<FrameInput>& wanted) -> Result<std::vector<GivenInput>> {
    name = wanted.at(0).name;
    return std::vector<GivenInput>{{name, "tokens.npy", Tensor(wanted[0].type)}};
  };
  const auto optimized = optimize(with);
  ASSERT_TRUE(optimized.has_value()) << optimized.error().text();
  EXPECT_EQ(optimized->result.at("workload").at("given").at(name).as_string(), "tokens.npy");
  EXPECT_EQ(optimized->result.at("numerics").size(), 6U) << "two runners with three inputs";
  expect_valid(optimized->files.result);
  with.given = [](const auto&) -> Result<std::vector<GivenInput>> {
    return fail(ErrorCode::kUsage, "no such input");
  };
  EXPECT_EQ(optimize(with).error().code, ErrorCode::kUsage);
}

TEST_F(OptimizeTest, ReproducingLinesAreQuoted) {
  OptimizeOptions spaced = options();
  const std::filesystem::path file = folder_.path() / "it's.onnx";
  std::filesystem::rename(spaced.source, file);
  spaced.source = file.native();
  const Graph graph = small_model();
  const std::string input = graph.value(graph.inputs()[0]).name;
  spaced.open.import.shapes = {{input, {1, 49, 32}}};
  spaced.command = {"nitro", "optimize", "it's.onnx"};
  spaced.repetitions = 1;
  spaced.ablate = false;
  const auto optimized = optimize(spaced);
  ASSERT_TRUE(optimized.has_value()) << optimized.error().text();
  const Json::Array& lines = optimized->result.at("reproduce").items();
  const std::string folder = folder_.path().native();
  EXPECT_EQ(lines.at(0).as_string(),
            fmt::format("nitro apply '{0}/it'\\''s.onnx' --shape {1}=1x49x32 --recipe "
                        "'{0}/it'\\''s.recipe.toml' -o '{0}/it'\\''s.opt.onnx'",
                        folder, input));
  EXPECT_EQ(lines.at(1).as_string(), "nitro optimize 'it'\\''s.onnx'");
}

TEST_F(OptimizeTest, AGivenRecipeIsUsedWhole) {
  OptimizeOptions given = options();
  given.recipe = Recipe{{{"fuse-gelu"}}};
  given.repetitions = 1;
  const auto optimized = optimize(given);
  ASSERT_TRUE(optimized.has_value()) << optimized.error().text();
  EXPECT_EQ(recipe_from_toml(optimized->result.at("recipe").as_string()).value(), *given.recipe);
  EXPECT_TRUE(optimized->result.at("ledger").items().at(0).at("measured").is_null());
}

TEST_F(OptimizeTest, RefusesWhatItCannotOpen) {
  OptimizeOptions missing = options();
  missing.source = (folder_.path() / "none.onnx").native();
  EXPECT_FALSE(optimize(missing).has_value());
  OptimizeOptions unknown = options();
  unknown.setup.runner = "abacus";
  const auto refused = optimize(unknown);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace nitro::optimize
