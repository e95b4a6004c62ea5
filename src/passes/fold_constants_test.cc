#include "passes/testing.h"

namespace nitro::passes {
namespace {

TEST(FoldConstants, ComputesAChain) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.weight({2, 3}), graph.scalar(1));
  const ValueId turned = graph.transpose(graph.unary(UnaryKind::kExp, sum), {1, 0});
  const Graph after =
      expect_rewrite(fold_constants, graph.finish({graph.mul(graph.input({3, 2}), turned)}));
  ASSERT_EQ(after.nodes().size(), 1U);
  EXPECT_EQ(after.type(after.node(0).inputs[1]).shape, (Shape{3, 2}));
}

TEST(FoldConstants, ComputesAllOutputs) {
  TestGraph graph;
  const auto parts = graph.nodes(Split{0, {1, 2}}, {graph.weight({3, 2})});
  const ValueId y = graph.add(graph.input({2, 2}), parts[0]);
  const Graph after = expect_rewrite(fold_constants, graph.finish({graph.add(y, parts[1])}));
  EXPECT_EQ(after.nodes().size(), 2U);
}

TEST(FoldConstants, ReadsTheOptionalOperandsThatAreThere) {
  TestGraph graph;
  const ValueId normalised =
      graph.node(LayerNormalization{1, 1e-5}, {graph.weight({2, 4}), graph.weight({4}), kNoValue});
  const Graph after =
      expect_rewrite(fold_constants, graph.finish({graph.add(graph.input({2, 4}), normalised)}));
  EXPECT_EQ(after.nodes().size(), 1U);
}

TEST(FoldConstants, LeavesWhatDependsOnAnInput) {
  TestGraph graph;
  expect_unchanged(fold_constants,
                   graph.finish({graph.add(graph.input({2, 3}), graph.weight({2, 3}))}));
}

TEST(FoldConstants, LeavesResultsThatAreMuchLarger) {
  TestGraph graph;
  const ValueId large = graph.node(Expand{{32 << 20}}, {graph.weight({1})});
  const ValueId one = graph.node(Slice{{5}, {3}, {1}}, {large});
  expect_unchanged(fold_constants, graph.finish({graph.add(graph.input({3}), one)}));
}

TEST(FoldConstants, LeavesIndicesOutOfRangeToTheRuntime) {
  TestGraph graph;
  const ValueId row = graph.node(Gather{0}, {graph.weight({2, 3}), graph.indices({7})});
  expect_unchanged(fold_constants, graph.finish({graph.add(graph.input({1, 3}), row)}));
}

TEST(FoldConstants, LeavesQuantisedWeights) {
  TestGraph graph;
  const ValueId weights = graph.values({2, 3}, {1, -2, 3, -4, 5, -6}, DType::kI8);
  const ValueId numbers = graph.node(DequantizeLinear{}, {weights, graph.scalar(0.5)});
  expect_unchanged(fold_constants,
                   graph.finish({graph.node(MatMul{}, {graph.input({4, 2}), numbers})}));
}

TEST(FoldConstants, ComputesAVectorOfBytes) {
  TestGraph graph;
  const ValueId vector = graph.values({3}, {1, -2, 3}, DType::kI8);
  const ValueId numbers = graph.node(DequantizeLinear{}, {vector, graph.scalar(0.5)});
  const Graph after =
      expect_rewrite(fold_constants, graph.finish({graph.add(graph.input({2, 3}), numbers)}));
  EXPECT_EQ(after.nodes().size(), 1U);
}

TEST(FoldConstants, LeavesAQuantisedBias) {
  TestGraph graph;
  const ValueId bias = graph.values({3}, {1, -2, 3}, DType::kI32);
  const ValueId numbers = graph.node(DequantizeLinear{}, {bias, graph.scalar(0.5)});
  expect_unchanged(fold_constants, graph.finish({graph.add(graph.input({2, 3}), numbers)}));
}

TEST(FoldConstants, KeepsAnOutputThatIsConstant) {
  TestGraph graph;
  const ValueId x = graph.input({2});
  Graph before = graph.finish(
      {graph.unary(UnaryKind::kExp, graph.weight({2})), graph.unary(UnaryKind::kTanh, x)});
  Graph after = before;
  ASSERT_TRUE(fold_constants(after, {}).has_value());
  EXPECT_TRUE(verify(after).has_value());
  expect_equivalent(before, after);
}

}  // namespace
}  // namespace nitro::passes
