#include "passes/testing.h"

namespace nitro::passes {
namespace {

constexpr int64_t kBatch = 2, kTokens = 3, kHeads = 2, kWidth = 4;
constexpr int64_t kFeatures = kHeads * kWidth;
const Shape kScores = {kBatch, kHeads, kTokens, kTokens};

/// Attention of [2, 3, 8] with two heads, its parts one by one.
struct Attention {
  TestGraph graph;
  ValueId x = graph.input({kBatch, kTokens, kFeatures});
  ValueId q = kNoValue, k = kNoValue, v = kNoValue;

  void project() {
    const ValueId qkv = graph.linear(x, 3 * kFeatures);
    const ValueId split = graph.reshape(qkv, {kBatch, kTokens, 3, kHeads, kWidth});
    const ValueId stacked = graph.transpose(split, {2, 0, 3, 1, 4});
    q = select(stacked, 0);
    k = select(stacked, 1);
    v = select(stacked, 2);
  }
  ValueId select(ValueId stacked, double index) {
    return graph.node(Gather{0}, {stacked, graph.constant(Tensor::scalar(DType::kI64, index))});
  }
  ValueId heads(ValueId tokens) {
    return graph.transpose(graph.reshape(tokens, {kBatch, kTokens, kHeads, kWidth}), {0, 2, 1, 3});
  }
  ValueId products() { return graph.node(MatMul{}, {q, graph.transpose(k, {0, 1, 3, 2})}); }
  ValueId mix(ValueId scores, int64_t axis = 3) {
    return graph.node(MatMul{}, {graph.node(Softmax{axis, false}, {scores}), v});
  }
  ValueId attend(ValueId scores, int64_t axis = 3) {
    return graph.transpose(mix(scores, axis), {0, 2, 1, 3});
  }
};

Graph fused(Attention& attention, ValueId output) {
  Graph after = expect_rewrite(fuse_attention, attention.graph.finish({output}), 1e-5);
  EXPECT_EQ(count<ProjectedAttention>(after), 1U);
  EXPECT_EQ(count<Softmax>(after) + count<MatMul>(after), 0U) << print(after, {64});
  return after;
}

TEST(FuseAttention, MakesOneOp) {
  Attention a;
  a.project();
  const ValueId scores = a.graph.mul(a.products(), a.graph.scalar(0.5));
  const Graph after = fused(a, a.attend(scores));
  EXPECT_EQ(first<ProjectedAttention>(after).op, Op(ProjectedAttention{kHeads, 0.5}));
  std::set<std::string> all;
  for (int i = 0; i < 13; ++i) all.insert("n" + std::to_string(i));
  EXPECT_EQ(origins(after, first<ProjectedAttention>(after)), all);
}

TEST(FuseAttention, TakesABiasAndAMask) {
  Attention a;
  a.project();
  const ValueId scaled = a.graph.div(a.products(), a.graph.scalar(2));
  const ValueId biased = a.graph.add(scaled, a.graph.weight({1, kHeads, kTokens, kTokens}));
  const ValueId grouped = a.graph.reshape(biased, {1, kBatch, kHeads, kTokens, kTokens});
  const ValueId masked = a.graph.add(grouped, a.graph.weight({1, kBatch, 1, kTokens, kTokens}));
  fused(a, a.attend(a.graph.reshape(masked, kScores)));
}

TEST(FuseAttention, ScalesABiasThatStandsInside) {
  Attention a;
  a.project();
  const ValueId biased = a.graph.add(a.graph.weight({kTokens, kTokens}), a.products());
  fused(a, a.attend(a.graph.mul(biased, a.graph.scalar(0.25))));
}

TEST(FuseAttention, TakesScaledQueriesAndSplitColumns) {
  Attention a;
  const ValueId qkv = a.graph.linear(a.x, 3 * kFeatures);
  const auto parts = a.graph.nodes(Split{2, {kFeatures, kFeatures, kFeatures}}, {qkv});
  a.k = a.heads(parts[0]);  // the columns are not in the order q, k, v
  a.q = a.graph.mul(a.heads(parts[2]), a.graph.scalar(0.5));
  a.v = a.heads(parts[1]);
  fused(a, a.attend(a.products()));
}

TEST(FuseAttention, LeavesABiasThatIsComputed) {
  Attention a;
  a.project();
  const ValueId bias = a.graph.input(kScores);
  expect_unchanged(fuse_attention, a.graph.finish({a.attend(a.graph.add(a.products(), bias))}));
}

TEST(FuseAttention, LeavesScoresThatAreReadElsewhere) {
  Attention a;
  a.project();
  const ValueId products = a.products();
  const ValueId y = a.attend(a.graph.mul(products, a.graph.scalar(0.5)));
  expect_unchanged(fuse_attention, a.graph.finish({y, a.graph.unary(UnaryKind::kExp, products)}));
}

TEST(FuseAttention, LeavesScoresThatAreAnOutput) {
  Attention a;
  a.project();
  const ValueId scores = a.products();
  expect_unchanged(fuse_attention, a.graph.finish({a.attend(scores), scores}));
}

TEST(FuseAttention, LeavesASoftmaxOverAnotherAxis) {
  Attention a;
  a.project();
  expect_unchanged(fuse_attention, a.graph.finish({a.attend(a.products(), 2)}));
}

TEST(FuseAttention, LeavesAKeyOfAnotherProjection) {
  Attention a;
  a.project();
  a.k = a.heads(a.graph.linear(a.x, kFeatures));
  expect_unchanged(fuse_attention, a.graph.finish({a.attend(a.products())}));
}

TEST(FuseAttention, LeavesAProjectionWithComputedWeights) {
  Attention a;
  const ValueId weight = a.graph.input({kFeatures, kFeatures});
  a.q = a.k = a.v = a.heads(a.graph.node(MatMul{}, {a.x, weight}));
  expect_unchanged(fuse_attention, a.graph.finish({a.attend(a.products())}));
}

TEST(FuseAttention, LeavesTokensOutOfOrder) {
  Attention a;
  a.project();
  a.k = a.graph.node(Gather{2}, {a.k, a.graph.indices({1, 0, 2})});
  expect_unchanged(fuse_attention, a.graph.finish({a.attend(a.products())}));
}

TEST(FuseAttention, LeavesFactorsAndBiasesThatWidenTheScores) {
  for (bool factor : {true, false}) {
    TestGraph graph;
    const ValueId x = graph.input({1, kTokens, kFeatures});
    const ValueId tokens = graph.reshape(graph.linear(x, kFeatures), {1, kTokens, kHeads, kWidth});
    const ValueId q = graph.transpose(tokens, {0, 2, 1, 3});
    const ValueId products = graph.node(MatMul{}, {q, graph.transpose(q, {0, 1, 3, 2})});
    const ValueId scores =
        factor ? graph.mul(products, graph.values({2, 1, 1, 1}, std::vector<double>{0.5, 0.5}))
               : graph.add(products, graph.weight({2, 1, 1, 1}));
    const ValueId mixed = graph.node(MatMul{}, {graph.node(Softmax{3, false}, {scores}), q});
    expect_unchanged(fuse_attention, graph.finish({graph.transpose(mixed, {0, 2, 1, 3})}));
  }
}

TEST(FuseAttention, LeavesAProjectionOfMoreTokens) {
  TestGraph graph;
  const ValueId projected = graph.linear(graph.input({1, 5, kFeatures}), kFeatures);
  const ValueId some =
      graph.node(Slice{{0, 0, 0}, {1, kTokens, kFeatures}, {1, 1, 1}}, {projected});
  const ValueId q =
      graph.transpose(graph.reshape(some, {1, kTokens, kHeads, kWidth}), {0, 2, 1, 3});
  const ValueId scores = graph.node(MatMul{}, {q, graph.transpose(q, {0, 1, 3, 2})});
  const ValueId mixed = graph.node(MatMul{}, {graph.node(Softmax{3, false}, {scores}), q});
  expect_unchanged(fuse_attention, graph.finish({graph.transpose(mixed, {0, 2, 1, 3})}));
}

TEST(FuseAttention, LeavesEmptyHeads) {
  TestGraph graph;
  const ValueId x = graph.linear(graph.input({1, kTokens, kFeatures}), 0);
  const ValueId q = graph.transpose(graph.reshape(x, {1, kTokens, kHeads, 0}), {0, 2, 1, 3});
  const ValueId scores = graph.node(MatMul{}, {q, graph.transpose(q, {0, 1, 3, 2})});
  const ValueId mixed = graph.node(MatMul{}, {graph.node(Softmax{3, false}, {scores}), q});
  expect_unchanged(fuse_attention, graph.finish({graph.transpose(mixed, {0, 2, 1, 3})}));
}

}  // namespace
}  // namespace nitro::passes
