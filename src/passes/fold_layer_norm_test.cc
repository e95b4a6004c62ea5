#include "passes/testing.h"

namespace nitro::passes {
namespace {

bool is_plain(const Graph& graph, const Node& norm) {
  const auto values = graph.constant(norm.inputs[1])->as<double>();
  return norm.inputs.size() == 2 && std::ranges::count(values, 1.0) == std::ssize(values);
}

TEST(FoldLayerNorm, GoesIntoEveryLinearThatReads) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({2, 3, 8}));
  const ValueId a = graph.linear(y, 5), b = graph.linear(y, 6);
  const Graph after = expect_rewrite(fold_layer_norm, graph.finish({a, b}));
  EXPECT_TRUE(is_plain(after, after.node(0)));
  EXPECT_EQ(after.nodes().size(), 5U);
  EXPECT_EQ(origins(after, after.node(1)), (std::set<std::string>{"n0", "n1"}));
}

TEST(FoldLayerNorm, AddsABiasWhereThereIsNone) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({2, 3, 8}));
  const Graph after = expect_rewrite(
      fold_layer_norm, graph.finish({graph.node(MatMul{}, {y, graph.weight({8, 5})})}));
  EXPECT_EQ(count(after, BinaryKind::kAdd), 1U);
}

TEST(FoldLayerNorm, AddsNoBiasForAScaleAlone) {
  TestGraph graph;
  const ValueId x = graph.input({2, 3, 8});
  const ValueId y = graph.node(LayerNormalization{2, 1e-5}, {x, graph.positive({8})});
  const Graph after = expect_rewrite(
      fold_layer_norm, graph.finish({graph.node(MatMul{}, {y, graph.weight({8, 5})})}));
  EXPECT_EQ(after.nodes().size(), 2U);
}

TEST(FoldLayerNorm, LooksThroughMovementOfRows) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({2, 4, 8}));
  const ValueId moved = graph.transpose(graph.reshape(y, {2, 2, 2, 8}), {0, 2, 1, 3});
  const ValueId picked = graph.node(Gather{1}, {moved, graph.indices({1})});
  const Graph after =
      expect_rewrite(fold_layer_norm, graph.finish({graph.linear(picked, 5), graph.linear(y, 3)}));
  EXPECT_TRUE(is_plain(after, after.node(0)));
}

TEST(FoldLayerNorm, GoesIntoGemm) {
  for (bool transposed : {false, true}) {
    TestGraph graph;
    const ValueId rows = graph.layer_norm(graph.input({6, 8}));
    const ValueId weight = graph.weight(transposed ? Shape{5, 8} : Shape{8, 5});
    const Gemm gemm{.transpose_b = transposed, .alpha = 0.5};
    const ValueId y = graph.node(gemm, {rows, weight, graph.weight({5})});
    const ValueId z = graph.node(gemm, {rows, weight});
    const Graph after = expect_rewrite(fold_layer_norm, graph.finish({y, z}));
    EXPECT_TRUE(is_plain(after, after.node(0)));
  }
}

TEST(FoldLayerNorm, GoesIntoProjectedAttention) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({2, 3, 8}));
  const ValueId attended =
      graph.node(ProjectedAttention{2, 0.5}, {y, graph.weight({8, 12}), graph.weight({12})});
  const Graph after = expect_rewrite(fold_layer_norm, graph.finish({attended}));
  EXPECT_TRUE(is_plain(after, after.node(0)));
}

TEST(FoldLayerNorm, FoldsTheNormOfASum) {
  TestGraph graph;
  const ValueId x = graph.input({2, 3, 8}), skip = graph.input({2, 3, 8});
  const auto outputs =
      graph.nodes(SkipLayerNormalization{1e-5},
                  {x, skip, graph.positive({8}), graph.weight({8}), graph.weight({8})});
  const Graph after =
      expect_rewrite(fold_layer_norm, graph.finish({graph.linear(outputs[0], 5), outputs[1]}));
  EXPECT_EQ(after.node(0).inputs[3], kNoValue);
  EXPECT_EQ(after.node(0).inputs.size(), 5U);
}

TEST(FoldLayerNorm, LeavesAnExtraReader) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({2, 3, 8}));
  expect_unchanged(fold_layer_norm,
                   graph.finish({graph.linear(y, 5), graph.unary(UnaryKind::kTanh, y)}));
}

TEST(FoldLayerNorm, LeavesAGraphOutput) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({2, 3, 8}));
  expect_unchanged(fold_layer_norm, graph.finish({graph.linear(y, 5), y}));
}

TEST(FoldLayerNorm, LeavesAnOutputAfterMovement) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({2, 3, 8}));
  expect_unchanged(fold_layer_norm, graph.finish({graph.linear(y, 5), graph.reshape(y, {6, 8})}));
}

TEST(FoldLayerNorm, LeavesMovementThatMixesChannels) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({2, 8, 8}));
  const ValueId crossed = graph.transpose(y, {0, 2, 1});
  expect_unchanged(fold_layer_norm, graph.finish({graph.linear(crossed, 5)}));
}

TEST(FoldLayerNorm, LeavesAWeightThatIsNoConstant) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({2, 3, 8}));
  expect_unchanged(fold_layer_norm, graph.finish({graph.node(MatMul{}, {y, graph.input({8, 5})})}));
}

TEST(FoldLayerNorm, LeavesANormOverMoreAxes) {
  TestGraph graph;
  const ValueId x = graph.input({2, 3, 8});
  const ValueId y = graph.node(LayerNormalization{1, 1e-5}, {x, graph.positive({3, 8})});
  expect_unchanged(fold_layer_norm, graph.finish({graph.linear(y, 5)}));
}

}  // namespace
}  // namespace nitro::passes
