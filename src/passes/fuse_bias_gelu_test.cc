#include "passes/testing.h"

namespace nitro::passes {
namespace {

TEST(FuseBiasGelu, TakesABiasOnEitherSide) {
  for (bool bias_first : {false, true}) {
    TestGraph graph;
    const ValueId x = graph.input({2, 3, 8}), bias = graph.weight({8});
    const ValueId sum = bias_first ? graph.add(bias, x) : graph.add(x, bias);
    const Graph after = expect_rewrite(fuse_bias_gelu, graph.finish({graph.node(Gelu{}, {sum})}));
    ASSERT_EQ(after.nodes().size(), 1U);
    EXPECT_EQ(origins(after, after.node(0)), (std::set<std::string>{"n0", "n1"}));
  }
}

TEST(FuseBiasGelu, LeavesASumThatIsReadElsewhere) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({3, 8}), graph.weight({8}));
  expect_unchanged(fuse_bias_gelu,
                   graph.finish({graph.node(Gelu{}, {sum}), graph.unary(UnaryKind::kExp, sum)}));
}

TEST(FuseBiasGelu, LeavesASumThatIsAnOutput) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({3, 8}), graph.weight({8}));
  expect_unchanged(fuse_bias_gelu, graph.finish({graph.node(Gelu{}, {sum}), sum}));
}

TEST(FuseBiasGelu, LeavesTheTanhForm) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({3, 8}), graph.weight({8}));
  expect_unchanged(fuse_bias_gelu, graph.finish({graph.node(Gelu{.tanh = true}, {sum})}));
}

TEST(FuseBiasGelu, LeavesAScalar) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({3, 8}), graph.scalar(0.5));
  expect_unchanged(fuse_bias_gelu, graph.finish({graph.node(Gelu{}, {sum})}));
}

TEST(FuseBiasGelu, LeavesAVectorThatIsAnInput) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({3, 8}), graph.input({8}));
  expect_unchanged(fuse_bias_gelu, graph.finish({graph.node(Gelu{}, {sum})}));
}

TEST(FuseBiasGelu, LeavesASumThatBroadcasts) {
  TestGraph graph;
  const ValueId sum = graph.add(graph.input({3, 1}), graph.weight({8}));
  expect_unchanged(fuse_bias_gelu, graph.finish({graph.node(Gelu{}, {sum})}));
}

}  // namespace
}  // namespace nitro::passes
