#include "plan/fuse_scores.h"

#include "plan/lowering_case.h"

namespace nitro::plan {
namespace {

using passes::TestGraph;

Result<bool> run(Graph& graph, const passes::Parameters&) { return fuse_scores(graph); }

Graph expect_fused(const Graph& graph) {
  const Graph fused = passes::expect_rewrite(run, graph);
  EXPECT_EQ(passes::count<nitro::Attention>(fused), 1U) << print(fused, {64});
  EXPECT_EQ(passes::count<Softmax>(fused), 0U);
  return fused;
}

TEST(FuseScores, OfHeadsWithScaleAndBias) {
  TestGraph g;
  const ValueId q = g.input({2, 3, 5, 8}), k = g.input({2, 3, 7, 8}), v = g.input({2, 3, 7, 4});
  const ValueId product = g.node(MatMul{}, {q, g.transpose(k, {0, 1, 3, 2})});
  const ValueId scores = g.add(g.div(product, g.scalar(3)), g.weight({3, 5, 7}));
  const Graph fused =
      expect_fused(g.finish({g.node(MatMul{}, {g.node(Softmax{3, false}, {scores}), v})}));
  EXPECT_NEAR(std::get<nitro::Attention>(passes::first<nitro::Attention>(fused).op).scale, 1.0 / 3,
              1e-6);
}

TEST(FuseScores, OfScaledOperands) {
  TestGraph g;
  const ValueId q = g.input({2, 3, 5, 8}), k = g.input({2, 3, 7, 8}), v = g.input({2, 3, 7, 4});
  const ValueId keys = g.mul(g.transpose(k, {0, 1, 3, 2}), g.scalar(0.5));
  const ValueId scores = g.node(MatMul{}, {g.mul(q, g.scalar(0.25)), keys});
  const Graph fused =
      expect_fused(g.finish({g.node(MatMul{}, {g.node(Softmax{3, false}, {scores}), v})}));
  EXPECT_EQ(std::get<nitro::Attention>(passes::first<nitro::Attention>(fused).op).scale, 0.125);
  EXPECT_EQ(passes::count(fused, BinaryKind::kMul), 0U);
}

TEST(FuseScores, OfMatricesWithComputedBias) {
  TestGraph g;
  const ValueId q = g.input({6, 5, 8}), k = g.input({6, 7, 8}), v = g.input({6, 7, 4});
  const ValueId product = g.node(MatMul{.transpose_b = true, .alpha = 0.3}, {q, k});
  const ValueId scores = g.add(g.add(product, g.input({6, 5, 7})), g.weight({1, 7}));
  expect_fused(g.finish({g.node(MatMul{}, {g.node(Softmax{2, false}, {scores}), v})}));
}

TEST(FuseScores, OfWindowsWithAGainForEachHeadAndAMask) {
  TestGraph g;
  const ValueId q = g.input({4, 2, 5, 8}), k = g.input({4, 2, 8, 5}), v = g.input({4, 2, 5, 8});
  const ValueId gained = g.mul(g.node(MatMul{}, {q, k}), g.weight({1, 2, 1, 1}));
  const ValueId biased = g.add(gained, g.weight({1, 2, 5, 5}));
  const ValueId masked = g.add(g.reshape(biased, {2, 2, 2, 5, 5}), g.weight({1, 2, 1, 5, 5}));
  const ValueId weights = g.node(Softmax{3, false}, {g.reshape(masked, {4, 2, 5, 5})});
  const Graph graph = g.finish({g.node(MatMul{}, {weights, v})});
  expect_fused(graph);
  const auto lowered = expect_lowers(graph);
  EXPECT_EQ(lowered->count<Attention>(), 1U);
  EXPECT_LE(lowered->plan().steps.size(), 2U + 1) << lowered->steps();
}

TEST(FuseScores, NotWhereScoresAreReadElsewhere) {
  TestGraph g;
  const ValueId q = g.input({2, 3, 5, 8}), v = g.input({2, 3, 5, 4});
  const ValueId scores = g.node(MatMul{.transpose_b = true}, {q, q});
  const ValueId y = g.node(MatMul{}, {g.node(Softmax{3, false}, {scores}), v});
  passes::expect_unchanged(run, g.finish({y, scores}));
}

TEST(FuseScores, NotAlongAnotherAxisOrBroadcast) {
  TestGraph g;
  const ValueId q = g.input({2, 3, 5, 8}), v = g.input({2, 3, 5, 4}), w = g.input({1, 3, 5, 4});
  const ValueId scores = g.node(MatMul{.transpose_b = true}, {q, q});
  const ValueId a = g.node(MatMul{}, {g.node(Softmax{2, false}, {scores}), v});
  const ValueId other = g.node(MatMul{.transpose_b = true, .alpha = 0.5}, {q, q});
  const ValueId b = g.node(MatMul{}, {g.node(Softmax{3, false}, {other}), w});
  passes::expect_unchanged(run, g.finish({a, b}));
}

TEST(FuseScores, NotAfterABiasIsScaled) {
  TestGraph g;
  const ValueId q = g.input({2, 3, 5, 8}), v = g.input({2, 3, 5, 4});
  const ValueId product = g.node(MatMul{.transpose_b = true}, {q, q});
  const ValueId scores = g.mul(g.add(product, g.weight({5, 5})), g.scalar(0.5));
  passes::expect_unchanged(run,
                           g.finish({g.node(MatMul{}, {g.node(Softmax{3, false}, {scores}), v})}));
}

}  // namespace
}  // namespace nitro::plan
