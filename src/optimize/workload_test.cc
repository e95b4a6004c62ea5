#include "optimize/workload.h"

#include <gtest/gtest.h>

namespace nitro::optimize {
namespace {

Graph model(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  Graph graph;
  for (const std::string& input : inputs) graph.add_input(input, {DType::kF32, {1, 3, 8, 8}});
  std::vector<ValueId> made;
  for (const std::string& output : outputs) {
    made.push_back(
        graph.add_node(Unary{UnaryKind::kRelu}, {graph.inputs()[0]}, {}, {output}).value()[0]);
  }
  graph.set_outputs(made);
  return graph;
}

TEST(SampleInput, IsTheSameForTheSameSeed) {
  const TensorType image{DType::kF32, {1, 3, 16, 16}};
  for (InputKind kind : {InputKind::kRandom, InputKind::kNatural}) {
    EXPECT_EQ(sample_input(image, kind, 5), sample_input(image, kind, 5));
    EXPECT_FALSE(sample_input(image, kind, 5) == sample_input(image, kind, 6));
  }
  EXPECT_FALSE(sample_input(image, InputKind::kRandom, 5) ==
               sample_input(image, InputKind::kNatural, 5));
}

TEST(SampleInput, NaturalImagesAreSmooth) {
  const auto roughness = [](InputKind kind) {
    const auto values = sample_input({DType::kF32, {1, 1, 64, 64}}, kind, 9).as<double>();
    double steps = 0, energy = 0;
    for (size_t i = 1; i < values.size(); ++i) {
      steps += (values[i] - values[i - 1]) * (values[i] - values[i - 1]);
      energy += values[i] * values[i];
    }
    EXPECT_GT(energy, 0);
    return steps / energy;
  };
  EXPECT_LT(roughness(InputKind::kNatural), roughness(InputKind::kRandom) / 2);
}

TEST(SampleInput, IntegersAreZeroOrOneAndOtherShapesRandom) {
  for (int64_t value : sample_input({DType::kI64, {100}}, InputKind::kNatural, 1).as<int64_t>())
    EXPECT_TRUE(value == 0 || value == 1);
  const TensorType tokens{DType::kF32, {1, 7, 5}};
  EXPECT_EQ(sample_input(tokens, InputKind::kNatural, 1),
            sample_input(tokens, InputKind::kRandom, 1));
  EXPECT_EQ(sample_input({DType::kF16, {}}, InputKind::kRandom, 1).elements(), 1);
  EXPECT_EQ(sample_input({DType::kF32, {0, 3}}, InputKind::kRandom, 1).elements(), 0);
}

TEST(Workload, OneCallWithoutModalities) {
  const Graph graph = model({"a", "b"}, {"y"});
  const Workload workload;
  EXPECT_EQ(workload.calls(), 1U);
  EXPECT_FALSE(workload.is_batched(graph));
  const auto calls = workload.inputs(graph, graph, InputKind::kRandom);
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].size(), 2U);
  EXPECT_FALSE(calls[0].at("a") == calls[0].at("b"));
  EXPECT_EQ(workload.output_names(graph), std::vector<std::string>{"y"});
  EXPECT_EQ(workload.description(), "one call per frame");
}

TEST(Workload, AModalityGetsTheSameTensorsBatchedOrNot) {
  const Workload workload{{"rgb", "depth"}};
  const Graph original = model({"image"}, {"y"});
  const Graph batched = model({"rgb", "depth"}, {"y.rgb", "y.depth"});
  EXPECT_FALSE(workload.is_batched(original));
  EXPECT_TRUE(workload.is_batched(batched));
  const auto separate = workload.inputs(original, original, InputKind::kNatural);
  const auto together = workload.inputs(original, batched, InputKind::kNatural);
  ASSERT_EQ(separate.size(), 2U);
  ASSERT_EQ(together.size(), 1U);
  EXPECT_EQ(separate[0].at("image"), together[0].at("rgb"));
  EXPECT_EQ(separate[1].at("image"), together[0].at("depth"));
  EXPECT_NE(workload.description().find("rgb and depth"), std::string::npos);
}

TEST(Workload, GivenInputsReplaceMadeOnesOfTheirKindAlone) {
  const Graph graph = model({"a", "b"}, {"y"});
  Workload workload;
  EXPECT_EQ(workload.measured_kind(), InputKind::kNatural);
  EXPECT_EQ(workload.proven_kinds().size(), 2U);
  const Tensor mine({DType::kF32, {1, 3, 8, 8}});
  workload.given = {{"b", "photo.jpg", mine}};
  EXPECT_EQ(workload.measured_kind(), InputKind::kGiven);
  EXPECT_EQ(workload.proven_kinds().back(), InputKind::kGiven);
  const auto given = workload.inputs(graph, graph, InputKind::kGiven);
  const auto natural = workload.inputs(graph, graph, InputKind::kNatural);
  EXPECT_EQ(given[0].at("b"), mine);
  EXPECT_EQ(given[0].at("a"), natural[0].at("a"));
  EXPECT_FALSE(natural[0].at("b") == mine);
}

TEST(Workload, AModalityIsGivenToItsCallOrItsInputOfTheBatch) {
  const Graph original = model({"image"}, {"y"});
  const Graph batched = model({"rgb", "depth"}, {"y.rgb", "y.depth"});
  Workload workload{{"rgb", "depth"}};
  const auto wanted = workload.frame_inputs(original);
  ASSERT_EQ(wanted.size(), 2U);
  EXPECT_EQ(wanted[1].name, "depth");
  EXPECT_EQ(wanted[1].type, original.type(original.inputs()[0]));
  EXPECT_EQ(workload.frame_inputs(batched).size(), 2U) << "also where the model is batched already";
  const Tensor mine({DType::kF32, {1, 3, 8, 8}});
  workload.given = {{"depth", "depth.png", mine}};
  const auto separate = workload.inputs(original, original, InputKind::kGiven);
  EXPECT_EQ(separate[1].at("image"), mine);
  EXPECT_FALSE(separate[0].at("image") == mine);
  EXPECT_EQ(workload.inputs(original, batched, InputKind::kGiven)[0].at("depth"), mine);
  EXPECT_EQ(workload.inputs(batched, batched, InputKind::kGiven)[0].at("depth"), mine);
}

TEST(Workload, TheSeedMakesTheInputs) {
  const Graph graph = model({"a"}, {"y"});
  Workload workload;
  const auto first = workload.inputs(graph, graph, InputKind::kRandom);
  EXPECT_EQ(first, workload.inputs(graph, graph, InputKind::kRandom));
  workload.seed = 2;
  EXPECT_NE(first, workload.inputs(graph, graph, InputKind::kRandom));
}

TEST(Workload, OutputsComeInOneOrderBatchedOrNot) {
  const Workload workload{{"rgb", "depth"}};
  const Graph original = model({"image"}, {"y", "z"});
  const Graph batched = model({"rgb", "depth"}, {"y.rgb", "z.rgb", "y.depth", "z.depth"});
  const auto number = [](double value) { return Tensor::scalar(DType::kF32, value); };
  const auto separate = workload.outputs(
      original, original,
      {{{"y", number(1)}, {"z", number(2)}}, {{"y", number(3)}, {"z", number(4)}}});
  const auto together = workload.outputs(original, batched,
                                         {{{"y.rgb", number(1)},
                                           {"z.rgb", number(2)},
                                           {"y.depth", number(3)},
                                           {"z.depth", number(4)}}});
  ASSERT_TRUE(separate.has_value() && together.has_value());
  ASSERT_EQ(separate->size(), 4U);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ((*separate)[i], (*together)[i]);
  EXPECT_EQ(workload.output_names(original),
            (std::vector<std::string>{"y.rgb", "z.rgb", "y.depth", "z.depth"}));
  const auto missing = workload.outputs(original, batched, {{{"y.rgb", number(1)}}});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace nitro::optimize
