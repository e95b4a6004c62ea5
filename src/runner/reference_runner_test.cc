#include "runner/reference_runner.h"

#include <gtest/gtest.h>

#include <random>

#include "runner/server.h"
#include "runner/test_model.h"

namespace nitro::runner {
namespace {

class ReferenceTest : public ModelTest {
 protected:
  static Result<Runner> start() {
    const std::string self = std::filesystem::read_symlink("/proc/self/exe");
    return Runner::start("reference", {{self, "runner", "reference"}});
  }
  static LoadOptions batch(int64_t count) { return {.shapes = {{"x", {count, 49, 32}}}}; }
};

TEST_F(ReferenceTest, AgreesWithOnnxRuntime) {
  auto reference = start();
  ASSERT_TRUE(reference.has_value()) << reference.error().text();
  const auto model = reference->load(model_, batch(2));
  ASSERT_TRUE(model.has_value()) << model.error().text();
  const auto got = reference->run({model->handle, reference->stage(input(2)).value()});
  ASSERT_TRUE(got.has_value()) << got.error().text();
  EXPECT_TRUE(reference->bye().has_value());

  auto ort = start_runner("ort");
  ASSERT_TRUE(ort.has_value()) << ort.error().text();
  const auto loaded = ort->load(model_);
  ASSERT_TRUE(loaded.has_value());
  const auto wanted = ort->run({loaded->handle, ort->stage(input(2)).value()});
  ASSERT_TRUE(wanted.has_value()) << wanted.error().text();
  EXPECT_EQ(got->at("y").type(), wanted->at("y").type());
  const auto ours = got->at("y").as<double>();
  const auto theirs = wanted->at("y").as<double>();
  for (size_t i = 0; i < ours.size(); ++i) ASSERT_NEAR(ours[i], theirs[i], 1e-5) << i;
}

TEST_F(ReferenceTest, Times) {
  auto runner = start();
  ASSERT_TRUE(runner.has_value()) << runner.error().text();
  const auto model = runner->load(model_, batch(1));
  ASSERT_TRUE(model.has_value()) << model.error().text();
  const Call call{model->handle, runner->stage(input(1)).value()};
  const auto timed = runner->time({{call}, {call, call}}, quick());
  ASSERT_TRUE(timed.has_value()) << timed.error().text();
  EXPECT_TRUE(timed->variants[0].cold_ns.has_value());
  EXPECT_FALSE(timed->variants[1].cold_ns.has_value()) << "the model ran in the variant before";
  EXPECT_GE(timed->variants[1].samples_ns.size(), 10U);
}

TEST_F(ReferenceTest, ProfilesTheNodesOfTheFile) {
  auto runner = start();
  ASSERT_TRUE(runner.has_value()) << runner.error().text();
  EXPECT_TRUE(runner->info().can("profile"));
  const auto model = runner->load(model_, batch(2));
  ASSERT_TRUE(model.has_value()) << model.error().text();
  const auto profile = runner->profile({model->handle, runner->stage(input(2)).value()}, 3);
  ASSERT_TRUE(profile.has_value()) << profile.error().text();
  EXPECT_EQ(profile->run_ns.size(), 3U);
  onnx::ImportOptions shaped;
  shaped.shapes = batch(2).shapes;
  const auto imported = onnx::import_model(model_, shaped);
  ASSERT_TRUE(imported.has_value());
  ASSERT_EQ(profile->nodes.size(), imported->nodes.size());
  for (size_t i = 0; i < profile->nodes.size(); ++i) {
    const NodeTime& node = profile->nodes[i];
    EXPECT_EQ(node.name, imported->nodes[i].name);
    EXPECT_EQ(node.outputs, imported->nodes[i].outputs);
    EXPECT_EQ(node.index, static_cast<int64_t>(i));
    for (size_t run = 0; run < 3; ++run) {
      EXPECT_GT(node.durations_ns[run], 0);
      EXPECT_LT(node.durations_ns[run], profile->run_ns[run]);
    }
  }
  EXPECT_EQ(profile->nodes.back().output_shapes.at(0), (std::vector<int64_t>{2, 49, 16}));
}

TEST_F(ReferenceTest, BadRequestsKeepTheRunner) {
  auto runner = start();
  ASSERT_TRUE(runner.has_value()) << runner.error().text();
  EXPECT_EQ(exit_code(runner->load(folder_.path() / "none.onnx").error().code), 4);
  EXPECT_EQ(exit_code(runner->load(model_).error().code), 3) << "a free dimension";
  const auto model = runner->load(model_, batch(1));
  ASSERT_TRUE(model.has_value());
  EXPECT_EQ(runner->run({model->handle, {}}).error().code, ErrorCode::kShapeMismatch);
  const StagedInputs two = runner->stage(input(2)).value();
  EXPECT_EQ(runner->run({model->handle, two}).error().code, ErrorCode::kShapeMismatch);
  EXPECT_EQ(runner->profile({model->handle, two}, 1).error().code, ErrorCode::kShapeMismatch);
  EXPECT_TRUE(runner->unload(model->handle).has_value());
  EXPECT_FALSE(runner->unload(model->handle).has_value());
  EXPECT_TRUE(runner->bye().has_value());
}

TEST(Server, AnswersAnyLine) {
  ReferenceRunner runner;
  const Answer answer = [&](std::string_view verb, const Json& request) {
    return runner.answer(verb, request);
  };
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::vector<std::string> lines = {
      "",
      "garbage",
      "[]",
      "{}",
      "null",
      R"({"id":1,"verb":7})",
      R"({"id":1,"verb":"load","model":"x"})",
      R"({"id":1,"verb":"hello","scratch":"/nonexistent"})",
      R"({"id":1,"verb":"time","variants":[{"calls":[{"handle":1,"inputs":{}}]}]})",
      R"({"id":1,"verb":"run","handle":-1,"inputs":{"x":["y"]}})"};
  for (int i = 0; i < 3000; ++i) {
    std::string line = lines[random() % lines.size()];
    for (unsigned k = random() % 4; k-- > 0 && !line.empty();) {
      line[random() % line.size()] = static_cast<char>(random() % 128);
    }
    bool finished = false;
    const auto reply = Json::parse(answer_line(answer, line, finished));
    ASSERT_TRUE(reply.has_value()) << line;
    EXPECT_TRUE(reply->at("ok").is_bool());
    EXPECT_EQ(reply->contains("error"), !reply->at("ok").as_bool());
  }
}

TEST(Server, ByeFinishes) {
  bool finished = false;
  const std::string reply = answer_line({}, R"({"id":3,"verb":"bye"})", finished);
  EXPECT_TRUE(finished);
  EXPECT_EQ(reply, R"({"id":3,"ok":true})");
}

}  // namespace
}  // namespace nitro::runner
