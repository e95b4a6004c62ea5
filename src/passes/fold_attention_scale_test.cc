#include "passes/testing.h"

namespace nitro::passes {
namespace {

constexpr int64_t kHeads = 2, kTokens = 3, kWidth = 8, kHeadWidth = 4;

ValueId heads(TestGraph& graph, ValueId tokens) {
  return graph.transpose(graph.reshape(tokens, {1, kTokens, kHeads, kHeadWidth}), {0, 2, 1, 3});
}

ValueId scores(TestGraph& graph, ValueId q, ValueId k) {
  return graph.node(MatMul{}, {q, graph.transpose(k, {0, 1, 3, 2})});
}

/// Softmax, so that a wrong factor is seen.
ValueId weights(TestGraph& graph, ValueId of) { return graph.node(Softmax{3, false}, {of}); }

struct Input {
  TestGraph graph;
  ValueId x = graph.input({1, kTokens, kWidth});
  ValueId q = heads(graph, graph.linear(x, kWidth));
  ValueId k = heads(graph, graph.linear(x, kWidth));
};

TEST(FoldAttentionScale, GoesIntoProjectedAttention) {
  TestGraph graph;
  const ValueId x = graph.input({2, kTokens, kWidth});
  const ValueId y =
      graph.node(ProjectedAttention{2, 0.3}, {x, graph.weight({kWidth, 12}), graph.weight({12})});
  const Graph after = expect_rewrite(fold_attention_scale, graph.finish({y}));
  EXPECT_EQ(std::get<ProjectedAttention>(after.node(0).op).scale, 1);
}

TEST(FoldAttentionScale, GoesFromTheScoresIntoQ) {
  Input in;
  const ValueId scaled = in.graph.div(scores(in.graph, in.q, in.k), in.graph.scalar(3));
  const Graph after =
      expect_rewrite(fold_attention_scale, in.graph.finish({weights(in.graph, scaled)}));
  EXPECT_EQ(count(after, BinaryKind::kDiv), 0U);
  EXPECT_EQ(origins(after, after.node(0)), (std::set<std::string>{"n0", "n10"}));
}

TEST(FoldAttentionScale, GoesFromQAndKIntoBoth) {
  Input in;
  const ValueId q = in.graph.mul(in.q, in.graph.scalar(0.5));
  const ValueId k = in.graph.mul(in.graph.scalar(0.7), in.k);
  const Graph after = expect_rewrite(fold_attention_scale,
                                     in.graph.finish({weights(in.graph, scores(in.graph, q, k))}));
  EXPECT_EQ(count(after, BinaryKind::kMul), 0U);
}

TEST(FoldAttentionScale, TakesTwoFactorsAtOnce) {
  Input in;
  const ValueId q = in.graph.mul(in.q, in.graph.scalar(0.5));
  const ValueId k = in.graph.mul(in.k, in.graph.scalar(0.7));
  const ValueId scaled = in.graph.mul(scores(in.graph, q, k), in.graph.scalar(2));
  expect_rewrite(fold_attention_scale, in.graph.finish({weights(in.graph, scaled)}));
}

TEST(FoldAttentionScale, LeavesScoresThatAreReadElsewhere) {
  Input in;
  const ValueId products = scores(in.graph, in.q, in.k);
  const ValueId scaled = in.graph.div(products, in.graph.scalar(3));
  expect_unchanged(fold_attention_scale, in.graph.finish({scaled, products}));
}

TEST(FoldAttentionScale, LeavesAFactorPerElement) {
  Input in;
  const ValueId scaled =
      in.graph.mul(scores(in.graph, in.q, in.k), in.graph.weight({kTokens, kTokens}));
  expect_unchanged(fold_attention_scale, in.graph.finish({scaled}));
}

TEST(FoldAttentionScale, LeavesQThatIsAnOutput) {
  Input in;
  const ValueId scaled = in.graph.div(scores(in.graph, in.q, in.k), in.graph.scalar(3));
  expect_unchanged(fold_attention_scale, in.graph.finish({scaled, in.q}));
}

TEST(FoldAttentionScale, LeavesQThatIsNotOfALinear) {
  TestGraph graph;
  const ValueId q = graph.input({1, 2, 3, 4}), k = graph.input({1, 2, 3, 4});
  const ValueId scaled = graph.div(scores(graph, q, k), graph.scalar(3));
  expect_unchanged(fold_attention_scale, graph.finish({scaled}));
}

TEST(FoldAttentionScale, LeavesTheScaleOfALinearWithoutAttention) {
  TestGraph graph;
  const ValueId y = graph.linear(graph.input({1, 3, 8}), 8);
  expect_unchanged(fold_attention_scale, graph.finish({graph.mul(y, graph.scalar(0.5))}));
}

TEST(FoldAttentionScale, LeavesAFactorThatBroadcasts) {
  Input in;
  const ValueId twice = in.graph.values({2, 1, 1, 1}, {3, 3});
  const ValueId scaled = in.graph.mul(scores(in.graph, in.q, in.k), twice);
  expect_unchanged(fold_attention_scale, in.graph.finish({scaled}));
}

TEST(FoldAttentionScale, LeavesWeightsThatAreInputs) {
  TestGraph graph;
  const ValueId x = graph.input({2, kTokens, kWidth});
  const ValueId y =
      graph.node(ProjectedAttention{2, 0.3}, {x, graph.input({kWidth, 12}), graph.input({12})});
  expect_unchanged(fold_attention_scale, graph.finish({y}));
}

}  // namespace
}  // namespace nitro::passes
