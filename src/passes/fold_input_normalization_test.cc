#include "passes/testing.h"

namespace nitro::passes {
namespace {

ValueId convolve(TestGraph& graph, ValueId x, int64_t padding, int64_t group = 1) {
  const Conv op{.strides = {2, 2},
                .dilations = {1, 1},
                .pads_before = {padding, padding},
                .pads_after = {padding, padding},
                .group = group};
  const int64_t channels = graph.shape(x)[1];
  return graph.node(op, {x, graph.weight({6, channels / group, 2, 2}), graph.weight({6})});
}

/// (x / 255 - mean) / deviation
ValueId normalize(TestGraph& graph, ValueId x) {
  const ValueId unit = graph.div(x, graph.scalar(2.55));
  const ValueId centred = graph.sub(unit, graph.weight({1, 3, 1, 1}));
  return graph.div(centred, graph.positive({3, 1, 1}));
}

TEST(FoldInputNormalization, GoesIntoTheConvolution) {
  TestGraph graph;
  const ValueId x = graph.input({2, 3, 6, 6});
  const Graph after = expect_rewrite(fold_input_normalization,
                                     graph.finish({convolve(graph, normalize(graph, x), 0)}));
  ASSERT_EQ(after.nodes().size(), 1U);
  EXPECT_EQ(origins(after, after.node(0)), (std::set<std::string>{"n0", "n1", "n2", "n3"}));
}

TEST(FoldInputNormalization, FoldsSumsProductsAndReversedDifferences) {
  TestGraph graph;
  const ValueId x = graph.input({2, 4, 6, 6});
  const ValueId scaled = graph.mul(graph.positive({4, 1, 1}), x);
  const ValueId reversed = graph.sub(graph.scalar(3), scaled);
  const ValueId y = graph.add(reversed, graph.weight({1, 4, 1, 1}));
  const Graph after =
      expect_rewrite(fold_input_normalization, graph.finish({convolve(graph, y, 0, 2)}));
  EXPECT_EQ(after.nodes().size(), 1U);
}

TEST(FoldInputNormalization, AddsABias) {
  TestGraph graph;
  const ValueId y = normalize(graph, graph.input({1, 3, 4, 4}));
  const Conv op{
      .strides = {2, 2}, .dilations = {1, 1}, .pads_before = {0, 0}, .pads_after = {0, 0}};
  const Graph after = expect_rewrite(
      fold_input_normalization, graph.finish({graph.node(op, {y, graph.weight({5, 3, 2, 2})})}));
  EXPECT_EQ(after.node(0).inputs.size(), 3U);
}

TEST(FoldInputNormalization, FoldsAScaleUnderPadding) {
  TestGraph graph;
  const ValueId y = graph.div(graph.input({1, 3, 4, 4}), graph.scalar(255));
  expect_rewrite(fold_input_normalization, graph.finish({convolve(graph, y, 1)}));
}

TEST(FoldInputNormalization, LeavesAShiftUnderPadding) {
  TestGraph graph;
  const ValueId y = normalize(graph, graph.input({1, 3, 4, 4}));
  expect_unchanged(fold_input_normalization, graph.finish({convolve(graph, y, 1)}));
}

TEST(FoldInputNormalization, LeavesAnExtraReader) {
  TestGraph graph;
  const ValueId y = normalize(graph, graph.input({1, 3, 4, 4}));
  expect_unchanged(fold_input_normalization,
                   graph.finish({convolve(graph, y, 0), graph.unary(UnaryKind::kExp, y)}));
}

TEST(FoldInputNormalization, LeavesAGraphOutput) {
  TestGraph graph;
  const ValueId y = normalize(graph, graph.input({1, 3, 4, 4}));
  expect_unchanged(fold_input_normalization, graph.finish({convolve(graph, y, 0), y}));
}

TEST(FoldInputNormalization, LeavesAConstantPerPixel) {
  TestGraph graph;
  const ValueId y = graph.sub(graph.input({1, 3, 4, 4}), graph.weight({1, 3, 4, 4}));
  expect_unchanged(fold_input_normalization, graph.finish({convolve(graph, y, 0)}));
}

TEST(FoldInputNormalization, LeavesAConstantPerColumn) {
  TestGraph graph;
  const ValueId y = graph.sub(graph.input({1, 3, 4, 3}), graph.weight({3}));
  expect_unchanged(fold_input_normalization, graph.finish({convolve(graph, y, 0)}));
}

TEST(FoldInputNormalization, LeavesADividend) {
  TestGraph graph;
  const ValueId y = graph.div(graph.scalar(2), graph.input({1, 3, 4, 4}));
  expect_unchanged(fold_input_normalization, graph.finish({convolve(graph, y, 0)}));
}

TEST(FoldInputNormalization, SplitsABatchOfWhichSomeAreNormalised) {
  TestGraph graph;
  const ValueId plain = graph.input({1, 3, 6, 6}), raw = graph.input({2, 3, 6, 6});
  const ValueId batch = graph.node(Concat{0}, {plain, normalize(graph, raw)});
  const Graph after =
      expect_rewrite(fold_input_normalization, graph.finish({convolve(graph, batch, 0)}));
  EXPECT_EQ(count<Conv>(after), 2U);
  EXPECT_EQ(after.nodes().size(), 3U) << print(after, {8});
  EXPECT_EQ(origins(after, first<Concat>(after)), (std::set<std::string>{"n3", "n4"}));
  EXPECT_EQ(origins(after, first<Conv>(after)), (std::set<std::string>{"n4"}));
}

TEST(FoldInputNormalization, SplitsABatchOfBatches) {
  TestGraph graph;
  const ValueId a = graph.input({1, 3, 6, 6}), b = graph.input({1, 3, 6, 6});
  const ValueId inner = graph.node(Concat{0}, {a, normalize(graph, b)});
  const ValueId c = normalize(graph, graph.input({1, 3, 6, 6}));
  const ValueId batch = graph.node(Concat{0}, {inner, c});
  const Graph after =
      expect_rewrite(fold_input_normalization, graph.finish({convolve(graph, batch, 0)}));
  EXPECT_EQ(count<Conv>(after), 3U);
  EXPECT_EQ(after.nodes().size(), 5U) << print(after, {8});
}

TEST(FoldInputNormalization, LeavesABatchInWhichNothingFolds) {
  TestGraph graph;
  const ValueId a = graph.input({1, 3, 6, 6}), b = graph.input({1, 3, 6, 6});
  const ValueId tanh = graph.unary(UnaryKind::kTanh, b);
  expect_unchanged(fold_input_normalization,
                   graph.finish({convolve(graph, graph.node(Concat{0}, {a, tanh}), 0)}));
}

TEST(FoldInputNormalization, LeavesABatchUnderPadding) {
  TestGraph graph;
  const ValueId a = graph.input({1, 3, 6, 6}), b = graph.input({1, 3, 6, 6});
  const ValueId batch = graph.node(Concat{0}, {a, normalize(graph, b)});
  expect_unchanged(fold_input_normalization, graph.finish({convolve(graph, batch, 1)}));
}

TEST(FoldInputNormalization, LeavesABatchWithAnotherReader) {
  TestGraph graph;
  const ValueId a = graph.input({1, 3, 6, 6}), b = graph.input({1, 3, 6, 6});
  const ValueId batch = graph.node(Concat{0}, {a, normalize(graph, b)});
  expect_unchanged(fold_input_normalization,
                   graph.finish({convolve(graph, batch, 0), graph.unary(UnaryKind::kExp, batch)}));
}

TEST(FoldInputNormalization, LeavesImagesJoinedAlongOtherAxes) {
  TestGraph graph;
  const ValueId a = graph.input({1, 3, 6, 6}), b = graph.input({1, 3, 6, 6});
  const ValueId tall = graph.node(Concat{2}, {a, normalize(graph, b)});
  expect_unchanged(fold_input_normalization, graph.finish({convolve(graph, tall, 0)}));
}

}  // namespace
}  // namespace nitro::passes
