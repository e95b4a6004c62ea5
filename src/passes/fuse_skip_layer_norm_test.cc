#include "passes/testing.h"

namespace nitro::passes {
namespace {

TEST(FuseSkipLayerNorm, TakesTheSumAndTheNorm) {
  TestGraph graph;
  const ValueId a = graph.input({2, 3, 8}), b = graph.input({2, 3, 8});
  const Graph after =
      expect_rewrite(fuse_skip_layer_norm, graph.finish({graph.layer_norm(graph.add(a, b))}));
  ASSERT_EQ(after.nodes().size(), 1U);
  EXPECT_EQ(origins(after, after.node(0)), (std::set<std::string>{"n0", "n1"}));
}

TEST(FuseSkipLayerNorm, GivesTheSumToItsOtherReaders) {
  TestGraph graph;
  const ValueId a = graph.input({2, 3, 8}), b = graph.input({2, 3, 8});
  const ValueId sum = graph.add(a, b);
  const ValueId early = graph.unary(UnaryKind::kTanh, sum);
  const ValueId y = graph.layer_norm(sum);
  const Graph after =
      expect_rewrite(fuse_skip_layer_norm, graph.finish({graph.add(early, y), sum}));
  EXPECT_EQ(after.nodes().size(), 3U);
}

TEST(FuseSkipLayerNorm, TakesABiasAlong) {
  for (bool bias_first : {false, true}) {
    TestGraph graph;
    const ValueId a = graph.input({2, 3, 8}), b = graph.input({2, 3, 8});
    const ValueId bias = graph.weight({8});
    const ValueId biased = bias_first ? graph.add(bias, a) : graph.add(a, bias);
    const ValueId sum = bias_first ? graph.add(b, biased) : graph.add(biased, b);
    const Graph after = expect_rewrite(fuse_skip_layer_norm, graph.finish({graph.layer_norm(sum)}));
    ASSERT_EQ(after.nodes().size(), 1U);
    EXPECT_EQ(after.node(0).inputs.size(), 5U);
  }
}

TEST(FuseSkipLayerNorm, LeavesOutAnAbsentBias) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({2, 3, 8}), graph.input({2, 3, 8}));
  const ValueId y = graph.node(LayerNormalization{2, 1e-5}, {sum, graph.positive({8})});
  const Graph after = expect_rewrite(fuse_skip_layer_norm, graph.finish({y}));
  EXPECT_EQ(after.node(0).inputs.size(), 3U);
}

TEST(FuseSkipLayerNorm, FusesOnceForTwoNorms) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({2, 3, 8}), graph.input({2, 3, 8}));
  const Graph after = expect_rewrite(fuse_skip_layer_norm,
                                     graph.finish({graph.layer_norm(sum), graph.layer_norm(sum)}));
  EXPECT_EQ(count<LayerNormalization>(after), 1U);
}

TEST(FuseSkipLayerNorm, LeavesASumThatBroadcasts) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({2, 3, 8}), graph.input({1, 3, 8}));
  expect_unchanged(fuse_skip_layer_norm, graph.finish({graph.layer_norm(sum)}));
}

TEST(FuseSkipLayerNorm, LeavesAConstant) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({2, 3, 8}), graph.weight({2, 3, 8}));
  expect_unchanged(fuse_skip_layer_norm, graph.finish({graph.layer_norm(sum)}));
}

TEST(FuseSkipLayerNorm, TakesOtherRanksAsTokens) {
  for (const Shape& shape : {Shape{6, 8}, Shape{2, 3, 3, 8}}) {
    TestGraph graph;
    const ValueId sum = graph.add(graph.input(shape), graph.input(shape));
    const Graph after =
        expect_rewrite(fuse_skip_layer_norm, graph.finish({graph.layer_norm(sum), sum}));
    EXPECT_EQ(after.type(first<SkipLayerNormalization>(after).outputs[0]).rank(), 3);
  }
}

TEST(FuseSkipLayerNorm, LooksThroughAReshape) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({2, 3, 3, 8}), graph.input({2, 3, 3, 8}));
  const ValueId y = graph.layer_norm(graph.reshape(sum, {2, 9, 8}));
  const Graph after = expect_rewrite(fuse_skip_layer_norm, graph.finish({y, sum}));
  EXPECT_EQ(count<LayerNormalization>(after), 0U);
}

TEST(FuseSkipLayerNorm, LeavesAReshapeOfTheWidth) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({2, 3, 8}), graph.input({2, 3, 8}));
  expect_unchanged(fuse_skip_layer_norm,
                   graph.finish({graph.layer_norm(graph.reshape(sum, {2, 6, 4}))}));
}

TEST(FuseSkipLayerNorm, LeavesANormWhoseMeanIsRead) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({2, 3, 8}), graph.input({2, 3, 8}));
  const auto outputs = graph.nodes(LayerNormalization{2, 1e-5}, {sum, graph.positive({8})});
  expect_unchanged(fuse_skip_layer_norm, graph.finish({outputs[0], outputs[1]}));
}

TEST(FuseSkipLayerNorm, LeavesAScaleThatIsAnInput) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({2, 3, 8}), graph.input({2, 3, 8}));
  const ValueId y = graph.node(LayerNormalization{2, 1e-5}, {sum, graph.input({8})});
  expect_unchanged(fuse_skip_layer_norm, graph.finish({y}));
}

}  // namespace
}  // namespace nitro::passes
