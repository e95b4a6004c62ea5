#include "passes/testing.h"

namespace nitro::passes {
namespace {

/// Tokens [1, 16, w] of a 4x4 map, window by window: [4, 4, w].
ValueId windows(TestGraph& graph, ValueId x) {
  const int64_t width = graph.shape(x).back();
  const ValueId grid = graph.reshape(x, {1, 2, 2, 2, 2, width});
  return graph.reshape(graph.transpose(grid, {0, 1, 3, 2, 4, 5}), {4, 4, width});
}
ValueId tokens(TestGraph& graph, ValueId x) {
  const int64_t width = graph.shape(x).back();
  const ValueId grid = graph.reshape(x, {1, 2, 2, 2, 2, width});
  return graph.reshape(graph.transpose(grid, {0, 1, 3, 2, 4, 5}), {1, 16, width});
}
ValueId mix(TestGraph& graph, ValueId x) { return graph.node(Softmax{1, false}, {x}); }
ValueId part(TestGraph& graph, ValueId x, int64_t start, int64_t size) {
  const Shape& shape = graph.shape(x);
  return graph.node(Slice{{0, start, 0}, {shape[0], size, shape[2]}, {1, 1, 1}}, {x});
}

TEST(WindowOrder, KeepsTokensInOrderBetweenTwoMixers) {
  TestGraph graph;
  const ValueId x = graph.input({1, 16, 6});
  ValueId y = mix(graph, windows(graph, graph.layer_norm(x)));
  y = tokens(graph, graph.linear(y, 6));
  y = mix(graph, windows(graph, graph.linear(graph.layer_norm(y), 6)));
  const Graph after = expect_rewrite(window_order, graph.finish({y}));
  EXPECT_EQ(count<Transpose>(after), 0U);
  EXPECT_EQ(count<Gather>(after), 1U) << print(after, {4});
}

TEST(WindowOrder, ReplacesRollsByOneGather) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({1, 16, 6}));
  const ValueId rolled = graph.node(Concat{1}, {part(graph, y, 4, 12), part(graph, y, 0, 4)});
  const Graph after = expect_rewrite(window_order, graph.finish({mix(graph, rolled)}));
  EXPECT_EQ(count<Concat>(after) + count<Slice>(after), 0U);
  EXPECT_EQ(count<Gather>(after), 1U);
}

TEST(WindowOrder, AddsValuesInDifferentOrders) {
  TestGraph graph;
  const ValueId x = graph.linear(graph.input({1, 16, 6}), 6);
  const ValueId y = graph.linear(mix(graph, windows(graph, graph.layer_norm(x))), 6);
  const ValueId sum = graph.add(x, tokens(graph, y));
  const Graph after = expect_rewrite(window_order, graph.finish({graph.layer_norm(sum)}));
  EXPECT_EQ(count<Transpose>(after), 0U);
}

TEST(WindowOrder, TakesTheMeanOfPermutedTokens) {
  TestGraph graph;
  const ValueId y =
      graph.linear(mix(graph, windows(graph, graph.layer_norm(graph.input({1, 16, 6})))), 6);
  const Reduce mean{.kind = ReduceKind::kMean, .axes = {1}, .keep_dims = false};
  const Graph after =
      expect_rewrite(window_order, graph.finish({graph.node(mean, {tokens(graph, y)})}));
  EXPECT_EQ(count<Gather>(after), 1U) << print(after, {4});
}

TEST(WindowOrder, LeavesRowsThatAreTransposedInside) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({1, 16, 6}));
  expect_unchanged(window_order, graph.finish({mix(graph, graph.transpose(y, {0, 2, 1}))}));
}

TEST(WindowOrder, LeavesRowsThatAreCut) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({1, 16, 6}));
  const ValueId cut = graph.transpose(graph.reshape(y, {1, 16, 3, 2}), {0, 1, 3, 2});
  expect_unchanged(window_order, graph.finish({mix(graph, graph.reshape(cut, {1, 16, 6}))}));
}

TEST(WindowOrder, LeavesRowsOfTwoSources) {
  TestGraph graph;
  const ValueId a = graph.layer_norm(graph.input({1, 8, 6}));
  const ValueId b = graph.layer_norm(graph.input({1, 8, 6}));
  expect_unchanged(window_order, graph.finish({mix(graph, graph.node(Concat{1}, {a, b}))}));
}

TEST(WindowOrder, LeavesMovementOfWhatIsNoToken) {
  TestGraph graph;
  expect_unchanged(window_order,
                   graph.finish({mix(graph, windows(graph, graph.input({1, 16, 6})))}));
}

/// A rewrite is worth it for `moved`; `y` must come out right along with it.
void expect_right(TestGraph& graph, ValueId normed, ValueId y) {
  const ValueId moved = mix(graph, windows(graph, normed));
  expect_rewrite(window_order, graph.finish({y, moved}));
}

TEST(WindowOrder, AddsPartsOfTheTokens) {
  TestGraph graph;
  const ValueId x = graph.input({1, 16, 6});
  const ValueId y = graph.layer_norm(x), z = graph.linear(x, 6);
  expect_right(graph, y, graph.add(part(graph, y, 0, 3), part(graph, z, 5, 3)));
}

TEST(WindowOrder, ReducesAPartOfTheTokens) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({1, 16, 6}));
  const Reduce largest{.kind = ReduceKind::kMax, .axes = {1}, .keep_dims = true};
  expect_right(graph, y, graph.node(largest, {part(graph, y, 0, 3)}));
}

TEST(WindowOrder, AddsAScalarOfHighRank) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({1, 16, 6}));
  expect_right(graph, y, graph.add(y, graph.weight({1, 1, 1})));
}

TEST(WindowOrder, KeepsStatisticsThatAreRead) {
  TestGraph graph;
  const ValueId x = graph.input({1, 16, 6});
  const auto norm = graph.nodes(LayerNormalization{2, 1e-5}, {x, graph.weight({6})});
  expect_right(graph, graph.layer_norm(norm[0]), norm[2]);
}

TEST(WindowOrder, NormalisesWithAScaleMadeOfTokens) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({1, 16, 6}));
  const ValueId scale = graph.reshape(part(graph, y, 4, 1), {6});
  expect_right(graph, y, graph.node(LayerNormalization{2, 1e-5}, {y, scale}));
}

TEST(WindowOrder, LeavesEmptyTokens) {
  TestGraph graph;
  const ValueId y = graph.linear(graph.linear(graph.input({1, 16, 6}), 0), 6);
  expect_unchanged(window_order, graph.finish({y}));
}

}  // namespace
}  // namespace nitro::passes
