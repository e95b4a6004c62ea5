#include "passes/testing.h"

namespace nitro::passes {
namespace {

ValueId norm(TestGraph& graph, ValueId x) {
  const Shape channels = {graph.shape(x)[1]};
  return graph.node(BatchNormalization{1e-3}, {x, graph.weight(channels), graph.weight(channels),
                                               graph.weight(channels), graph.positive(channels)});
}

Conv convolution(int64_t group = 1) {
  return {.strides = {1, 1},
          .dilations = {1, 1},
          .pads_before = {1, 1},
          .pads_after = {1, 1},
          .group = group};
}

TEST(FoldBatchNorm, GoesIntoAConvolution) {
  for (bool bias : {false, true}) {
    for (int64_t group : {1, 2}) {
      TestGraph graph;
      std::vector<ValueId> inputs = {graph.input({2, 4, 5, 5}), graph.weight({6, 4 / group, 3, 3})};
      if (bias) inputs.push_back(graph.weight({6}));
      const ValueId y = norm(graph, graph.node(convolution(group), inputs));
      const Graph after = expect_rewrite(fold_batch_norm, graph.finish({y}));
      ASSERT_EQ(after.nodes().size(), 1U);
      EXPECT_EQ(origins(after, after.node(0)), (std::set<std::string>{"n0", "n1"}));
    }
  }
}

TEST(FoldBatchNorm, GoesIntoATransposedConvolution) {
  for (int64_t group : {1, 2}) {
    TestGraph graph;
    const ConvTranspose op{.strides = {2, 2},
                           .dilations = {1, 1},
                           .pads_before = {0, 0},
                           .pads_after = {0, 0},
                           .output_padding = {0, 0},
                           .group = group};
    const ValueId x = graph.input({2, 4, 3, 3});
    const ValueId y = graph.node(op, {x, graph.weight({4, 6 / group, 2, 2}), graph.weight({6})});
    const Graph after = expect_rewrite(fold_batch_norm, graph.finish({norm(graph, y)}));
    EXPECT_EQ(after.nodes().size(), 1U);
  }
}

TEST(FoldBatchNorm, GoesIntoALinear) {
  TestGraph graph;
  const ValueId y = norm(graph, graph.linear(graph.input({4, 3}), 5));
  const Graph after = expect_rewrite(fold_batch_norm, graph.finish({y}));
  EXPECT_EQ(after.nodes().size(), 2U);
}

TEST(FoldBatchNorm, TakesABiasThatWasExportedOnItsOwn) {
  TestGraph graph;
  const ValueId y =
      graph.node(convolution(), {graph.input({1, 2, 4, 4}), graph.weight({3, 2, 3, 3})});
  const ValueId biased = graph.mul(graph.add(y, graph.weight({1, 3, 1, 1})), graph.scalar(2));
  const Graph after = expect_rewrite(fold_batch_norm, graph.finish({norm(graph, biased)}));
  EXPECT_EQ(after.nodes().size(), 1U);
}

TEST(FoldBatchNorm, FoldsTwoInARow) {
  TestGraph graph;
  const ValueId y =
      graph.node(convolution(), {graph.input({1, 2, 4, 4}), graph.weight({3, 2, 3, 3})});
  const Graph after = expect_rewrite(fold_batch_norm, graph.finish({norm(graph, norm(graph, y))}));
  EXPECT_EQ(after.nodes().size(), 1U);
}

TEST(FoldBatchNorm, LeavesAConvolutionThatIsReadElsewhere) {
  TestGraph graph;
  const ValueId y =
      graph.node(convolution(), {graph.input({1, 2, 4, 4}), graph.weight({3, 2, 3, 3})});
  expect_unchanged(fold_batch_norm,
                   graph.finish({norm(graph, y), graph.unary(UnaryKind::kRelu, y)}));
}

TEST(FoldBatchNorm, LeavesAConvolutionThatIsAnOutput) {
  TestGraph graph;
  const ValueId y =
      graph.node(convolution(), {graph.input({1, 2, 4, 4}), graph.weight({3, 2, 3, 3})});
  expect_unchanged(fold_batch_norm, graph.finish({norm(graph, y), y}));
}

TEST(FoldBatchNorm, LeavesAWeightThatIsAnInput) {
  TestGraph graph;
  const ValueId y =
      graph.node(convolution(), {graph.input({1, 2, 4, 4}), graph.input({3, 2, 3, 3})});
  expect_unchanged(fold_batch_norm, graph.finish({norm(graph, y)}));
}

TEST(FoldBatchNorm, LeavesAnActivationBetween) {
  TestGraph graph;
  const ValueId y =
      graph.node(convolution(), {graph.input({1, 2, 4, 4}), graph.weight({3, 2, 3, 3})});
  expect_unchanged(fold_batch_norm, graph.finish({norm(graph, graph.unary(UnaryKind::kRelu, y))}));
}

TEST(FoldBatchNorm, LeavesTokensOfALinear) {
  TestGraph graph;  // the channels of [batch, tokens, width] are the tokens
  const ValueId y = graph.linear(graph.input({2, 4, 3}), 4);
  expect_unchanged(fold_batch_norm, graph.finish({norm(graph, y)}));
}

}  // namespace
}  // namespace nitro::passes
