#include "passes/lossy/testing.h"

namespace nitro::passes {
namespace {

/// x + branch(LayerNorm(x)), after a layer and before another.
Graph residual(const std::function<ValueId(TestGraph&, ValueId)>& branch) {
  TestGraph graph;
  graph.enter("before");
  const ValueId start = graph.input({2, 20, 8});
  const ValueId x = graph.add(start, graph.linear(start, 8));
  graph.enter("block.norm");
  const ValueId norm = graph.layer_norm(x);
  graph.enter("block.mlp");
  const ValueId y = branch(graph, norm);
  graph.enter("block");
  const ValueId sum = graph.add(x, y);
  graph.enter("after");
  return graph.finish({graph.linear(sum, 4)});
}

ValueId two_layers(TestGraph& graph, ValueId x) { return graph.linear(graph.linear(x, 32), 8); }

/// An MLP whose result does not depend on x.
ValueId constant_mlp(TestGraph& graph, ValueId x) {
  const ValueId nothing = graph.values({8, 32}, std::vector<double>(256, 0.0));
  return graph.linear(
      graph.node(Gelu{}, {graph.add(graph.node(MatMul{}, {x, nothing}), graph.weight({32}))}), 8);
}

/// A layer that scales each channel.
ValueId diagonal(TestGraph& graph, ValueId x) {
  std::vector<double> weight(64);
  for (size_t i = 0; i < 8; ++i) weight[9 * i] = 0.25 * static_cast<double>(i) - 1;
  return graph.add(graph.node(MatMul{}, {x, graph.values({8, 8}, weight)}), graph.weight({8}));
}

Parameters by(std::string word, std::string branches = "block.mlp") {
  return {{"by", std::move(word)}, {"branches", std::move(branches)}, {"ridge", "1e-9"}};
}

TEST(RemoveBlocks, KeepsTheFunctionOfAnAffineBranch) {
  const Graph before = residual(two_layers);
  const TestCalibration calibration(before);
  const Graph after = expect_lossy(remove_blocks, before, calibration.parameters(by("linear")));
  expect_equivalent(before, after, 1e-4);
  EXPECT_EQ(count<MatMul>(after), 3U);
  const Node* made = after.producer(after.nodes()[after.nodes().size() - 2].inputs[0]);
  EXPECT_TRUE(origins(after, *made).contains("n4"));  // of the branch's first layer
}

TEST(RemoveBlocks, KeepsTheFunctionOfAScalingBranch) {
  const Graph before = residual(diagonal);
  const TestCalibration calibration(before);
  const Graph after = expect_lossy(remove_blocks, before, calibration.parameters(by("scale")));
  expect_equivalent(before, after, 1e-4);
  EXPECT_EQ(count<LayerNormalization>(after), 1U);
  EXPECT_EQ(count<MatMul>(after), 2U);
}

TEST(RemoveBlocks, PutsAConstantBranchIntoTheLayerBefore) {
  const Graph before = residual(constant_mlp);
  const TestCalibration calibration(before);
  const Graph after = expect_lossy(remove_blocks, before, calibration.parameters(by("mean")));
  expect_equivalent(before, after, 1e-4);
  EXPECT_EQ(count<LayerNormalization>(after), 0U);
  EXPECT_EQ(after.nodes().size(), 5U);  // two layers and the residual sum of the first
}

TEST(RemoveBlocks, AddsTheMeanWhereNoLayerCanTakeIt) {
  TestGraph graph;
  const ValueId x = graph.input({40, 8});
  graph.enter("mlp");
  const Graph before = graph.finish({graph.add(constant_mlp(graph, x), x)});
  const TestCalibration calibration(before);
  const Graph after =
      expect_lossy(remove_blocks, before, calibration.parameters(by("mean", "mlp")));
  expect_equivalent(before, after, 1e-4);
  EXPECT_EQ(after.nodes().size(), 1U);
}

TEST(RemoveBlocks, LeavesTheLayerBeforeABranchThatIsReadElsewhere) {
  TestGraph graph;
  const ValueId start = graph.input({40, 8});
  graph.enter("before");
  const ValueId x = graph.add(start, graph.linear(start, 8));
  const ValueId norm = graph.layer_norm(x);
  graph.enter("mlp");
  const ValueId sum = graph.add(x, constant_mlp(graph, norm));
  const Graph before = graph.finish({sum, graph.unary(UnaryKind::kExp, norm)});
  const TestCalibration calibration(before);
  const Graph after =
      expect_lossy(remove_blocks, before, calibration.parameters(by("mean", "mlp")));
  expect_equivalent(before, after, 1e-4);
}

TEST(RemoveBlocks, ScalesWithoutANorm) {
  TestGraph graph;
  const ValueId x = graph.input({40, 8});
  graph.enter("layer");
  const Graph before = graph.finish({graph.add(x, diagonal(graph, x))});
  const TestCalibration calibration(before);
  const Graph after =
      expect_lossy(remove_blocks, before, calibration.parameters(by("scale", "layer")));
  expect_equivalent(before, after, 1e-4);
  EXPECT_EQ(count<MatMul>(after), 0U);
}

TEST(RemoveBlocks, RemovesAllBranchesOfAModule) {
  TestGraph graph;
  ValueId x = graph.input({40, 8});
  for (const char* name : {"block.attn", "block.mlp"}) {
    graph.enter(name);
    x = graph.add(x, two_layers(graph, graph.layer_norm(x)));
  }
  const Graph before = graph.finish({x});
  const TestCalibration calibration(before);
  const Graph after =
      expect_lossy(remove_blocks, before, calibration.parameters(by("linear", "block")));
  expect_equivalent(before, after, 1e-4);
  EXPECT_EQ(count<MatMul>(after), 2U);
}

/// Three branches of which the second is affine and the third is nothing.
Graph three_branches() {
  TestGraph graph;
  ValueId x = graph.input({2, 20, 8});
  const auto branch = [&](const std::string& module, auto inner) {
    graph.enter(module);
    const ValueId norm = graph.layer_norm(x);
    graph.enter(module + ".mlp");
    const ValueId y = inner(norm);
    graph.enter(module);
    x = graph.add(x, y);
  };
  branch("a", [&](ValueId norm) {
    return graph.linear(graph.node(Gelu{}, {graph.linear(norm, 32)}), 8);
  });
  branch("b", [&](ValueId norm) { return two_layers(graph, norm); });
  branch("c", [&](ValueId norm) { return constant_mlp(graph, norm); });
  return graph.finish({x});
}

TEST(RemoveBlocks, TakesTheShareThatCostsLeast) {
  const Graph before = three_branches();
  const TestCalibration calibration(before);
  const auto with = [&](std::string share) {
    return calibration.parameters({{"share", std::move(share)}, {"ridge", "1e-9"}});
  };
  const Graph after = expect_lossy(remove_blocks, before, with("0.7"));
  expect_equivalent(before, after, 1e-4);
  EXPECT_EQ(count<Gelu>(after), 1U) << "only the first branch is no affine map";
  const Graph all = expect_lossy(remove_blocks, before, with("1"));
  EXPECT_EQ(count<Gelu>(all), 0U);
  Graph none = before;
  EXPECT_FALSE(remove_blocks(none, with("0.05")).value()) << "less than one";
}

TEST(RemoveBlocks, SaysWhatItDoesNotFind) {
  const Graph before = residual(two_layers);
  const TestCalibration calibration(before);
  const auto error = [&](Parameters parameters) {
    return error_of(remove_blocks, before, calibration.parameters(std::move(parameters)));
  };
  EXPECT_EQ(error(by("linear", "block.mpl")), "there is no residual branch in 'block.mpl'");
  EXPECT_EQ(error(by("linear", "")), "there is no residual branch in ''");
  EXPECT_EQ(error(by("magic")), "by=magic is unknown");
  EXPECT_EQ(error({}), "it needs either branches or share");
  EXPECT_EQ(error({{"share", "0.5"}, {"branches", "block.mlp"}}),
            "it needs either branches or share");
  EXPECT_EQ(error({{"share", "1.5"}}), "share=1.5 is above 1");
  const Graph after = expect_lossy(remove_blocks, before, calibration.parameters(by("linear")));
  EXPECT_EQ(error_of(remove_blocks, after, calibration.parameters(by("linear", "block"))),
            "a linear map is no smaller than 'block'");
  TestCalibration other(before);
  other.content().values.erase("block.mlp branch");
  EXPECT_EQ(error_of(remove_blocks, before, other.parameters(by("linear"))),
            "the calibration does not fit the branch 'block.mlp', f32[2,20,8]");
}

TEST(RemoveBlocks, LeavesABranchOfAnotherValue) {
  TestGraph graph;
  graph.enter("mlp");
  const ValueId x = graph.input({40, 8});
  const ValueId inner = graph.add(graph.linear(x, 8), graph.input({40, 8}));
  const Graph before = graph.finish({graph.add(x, graph.linear(inner, 8))});
  EXPECT_EQ(
      error_of(remove_blocks, before, TestCalibration(before).parameters(by("linear", "mlp"))),
      "there is no residual branch in 'mlp'");
}

}  // namespace
}  // namespace nitro::passes
