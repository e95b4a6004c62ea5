#include "optimize/grey_input.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "optimize/workload.h"

namespace nitro::optimize {
namespace {

/// The negative of the first of inputs [1,channels,8,8].
Graph model(const std::vector<std::pair<std::string, int64_t>>& inputs, DType dtype = DType::kF32) {
  Graph graph;
  for (const auto& [name, channels] : inputs) graph.add_input(name, {dtype, {1, channels, 8, 8}});
  graph.set_outputs(graph.add_node(Unary{UnaryKind::kNeg}, {graph.inputs()[0]}, {}).value());
  return graph;
}

const Workload kFrame{.modalities = {"rgb", "depth"}, .grey = {"depth"}};

TEST(GreyInput, ABatchTakesThePlaneThatTheOriginalTakesPrepared) {
  const Graph original = model({{"image", 3}});
  const Graph batch = model({{"rgb", 3}, {"depth", 1}});
  for (InputKind kind : {InputKind::kRandom, InputKind::kNatural, InputKind::kGiven}) {
    Workload workload = kFrame;
    if (kind == InputKind::kGiven)
      workload.given = {{"depth", "d.png", sample_grey({DType::kF32, {1, 1, 8, 8}}, kind, 9)}};
    const auto separate = workload.inputs(original, original, kind);
    const auto together = workload.inputs(original, batch, kind);
    ASSERT_EQ(separate.size(), 2U);
    ASSERT_EQ(together.size(), 1U);
    EXPECT_EQ(separate[0].at("image"), together[0].at("rgb"));
    EXPECT_EQ(together[0].at("depth").shape(), (Shape{1, 1, 8, 8}));
    EXPECT_EQ(separate[1].at("image"), normalized_grey(together[0].at("depth")));
    EXPECT_EQ(together, workload.inputs(batch, batch, kind)) << "profiled alone";
  }
  const std::vector<FrameInput> wanted = kFrame.frame_inputs(original);
  ASSERT_EQ(wanted.size(), 2U);
  EXPECT_FALSE(wanted[0].grey);
  EXPECT_TRUE(wanted[1].grey);
  EXPECT_EQ(wanted[1].type.shape, (Shape{1, 1, 8, 8}));
  EXPECT_NE(kFrame.description().find("depth as one channel"), std::string::npos);
}

TEST(GreyInput, NeedsImagesOfThreeChannelsOrABatchOfOne) {
  EXPECT_TRUE(kFrame.check_grey(model({{"image", 3}})));
  EXPECT_TRUE(kFrame.check_grey(model({{"depth", 1}, {"rgb", 4}})));
  EXPECT_TRUE(Workload{}.check_grey(model({{"a", 5}, {"b", 2}})));
  for (const Graph& graph : {model({{"image", 1}}), model({{"image", 3}}, DType::kI32),
                             model({{"depth", 3}, {"rgb", 3}})}) {
    const auto checked = kFrame.check_grey(graph);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::kUsage);
  }
}

TEST(GreyInput, SamplesLieBetween0And1) {
  for (InputKind kind : {InputKind::kRandom, InputKind::kNatural}) {
    const Tensor plane = sample_grey({DType::kF32, {2, 3, 16, 16}}, kind, 3);
    EXPECT_EQ(plane.shape(), (Shape{2, 1, 16, 16}));
    EXPECT_EQ(plane, sample_grey({DType::kF32, {2, 1, 16, 16}}, kind, 3));
    const auto [low, high] = std::ranges::minmax(plane.as<double>());
    EXPECT_GE(low, 0);
    EXPECT_LE(high, 1);
    EXPECT_LT(low, high);
  }
}

TEST(GreyInput, IsReplicatedAndNormalisedPerImage) {
  const Tensor plane = Tensor::of(DType::kF32, {2, 1, 1, 2}, std::vector<double>{0, 1, 0.5, 0.485});
  const Tensor image = normalized_grey(plane);
  ASSERT_EQ(image.shape(), (Shape{2, 3, 1, 2}));
  const std::vector<double> values = image.as<double>();
  const std::vector<double> wanted = {-0.485 / 0.229,        (1 - 0.485) / 0.229,
                                      -0.456 / 0.224,        (1 - 0.456) / 0.224,
                                      -0.406 / 0.225,        (1 - 0.406) / 0.225,
                                      (0.5 - 0.485) / 0.229, 0,
                                      (0.5 - 0.456) / 0.224, (0.485 - 0.456) / 0.224,
                                      (0.5 - 0.406) / 0.225, (0.485 - 0.406) / 0.225};
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(values[i], wanted[i], 1e-6) << i;
}

}  // namespace
}  // namespace nitro::optimize
