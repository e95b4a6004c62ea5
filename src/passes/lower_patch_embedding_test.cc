#include "passes/testing.h"

namespace nitro::passes {
namespace {

Conv patches(int64_t height, int64_t width) {
  return {.strides = {height, width},
          .dilations = {1, 1},
          .pads_before = {0, 0},
          .pads_after = {0, 0},
          .group = 1};
}

Graph graph_of(const Conv& conv, Shape image, Shape kernel, bool bias = true) {
  TestGraph graph;
  std::vector<ValueId> inputs = {graph.input(std::move(image)), graph.weight(kernel)};
  if (bias) inputs.push_back(graph.weight({kernel[0]}));
  return graph.finish({graph.node(conv, inputs)});
}

TEST(LowerPatchEmbedding, BecomesAProduct) {
  for (bool bias : {false, true}) {
    const Graph after = expect_rewrite(lower_patch_embedding,
                                       graph_of(patches(2, 3), {2, 3, 4, 9}, {5, 3, 2, 3}, bias));
    EXPECT_EQ(count<Conv>(after), 0U);
    EXPECT_EQ(after.type(first<MatMul>(after).outputs[0]).shape, (Shape{2 * 2 * 3, 5}));
    EXPECT_EQ(origins(after, first<MatMul>(after)), (std::set<std::string>{"n0"}));
  }
}

TEST(LowerPatchEmbedding, CancelsTheMovementToTokens) {
  TestGraph graph;
  const ValueId image = graph.input({2, 3, 4, 4});
  const ValueId map =
      graph.node(patches(2, 2), {image, graph.weight({5, 3, 2, 2}), graph.weight({5})});
  const ValueId tokens = graph.transpose(graph.reshape(map, {2, 5, 4}), {0, 2, 1});
  Graph lowered =
      expect_rewrite(lower_patch_embedding, graph.finish({graph.unary(UnaryKind::kTanh, tokens)}));
  const Graph after = expect_rewrite(remove_identities, lowered);
  EXPECT_EQ(count<Transpose>(after), 1U) << print(after, {64});
}

TEST(LowerPatchEmbedding, JoinsTheRowsOfABatch) {
  TestGraph graph;
  const ValueId colour = graph.node(
      patches(2, 2), {graph.input({1, 3, 4, 4}), graph.weight({5, 3, 2, 2}), graph.weight({5})});
  const ValueId grey = graph.node(
      patches(2, 2), {graph.input({2, 1, 4, 4}), graph.weight({5, 1, 2, 2}), graph.weight({5})});
  const ValueId map = graph.node(Concat{0}, {colour, grey});
  const ValueId tokens = graph.transpose(graph.reshape(map, {3, 5, 4}), {0, 2, 1});
  Graph lowered =
      expect_rewrite(lower_patch_embedding, graph.finish({graph.unary(UnaryKind::kTanh, tokens)}));
  const Graph after = expect_rewrite(remove_identities, lowered);
  EXPECT_EQ(count<MatMul>(after), 2U);
  EXPECT_EQ(count<Transpose>(after), 2U) << print(after, {64});
  EXPECT_EQ(after.type(first<Concat>(after).outputs[0]).shape, (Shape{3 * 4, 5}));
}

TEST(LowerPatchEmbedding, ComputesAMapOnceThatABatchAndOthersRead) {
  TestGraph graph;
  const ValueId a =
      graph.node(patches(2, 2), {graph.input({1, 3, 4, 4}), graph.weight({5, 3, 2, 2})});
  const ValueId b =
      graph.node(patches(2, 2), {graph.input({1, 3, 4, 4}), graph.weight({5, 3, 2, 2})});
  const Graph after =
      expect_rewrite(lower_patch_embedding, graph.finish({graph.node(Concat{0}, {a, b}), b}));
  EXPECT_EQ(count<MatMul>(after), 2U);
}

TEST(LowerPatchEmbedding, LeavesOverlap) {
  expect_unchanged(lower_patch_embedding, graph_of(patches(2, 1), {1, 3, 4, 4}, {5, 3, 2, 2}));
}

TEST(LowerPatchEmbedding, LeavesGaps) {
  expect_unchanged(lower_patch_embedding, graph_of(patches(2, 2), {1, 3, 4, 4}, {5, 3, 2, 1}));
}

TEST(LowerPatchEmbedding, LeavesPadding) {
  Conv conv = patches(2, 2);
  conv.pads_before = {1, 0};
  conv.pads_after = {1, 0};
  expect_unchanged(lower_patch_embedding, graph_of(conv, {1, 3, 4, 4}, {5, 3, 2, 2}));
}

TEST(LowerPatchEmbedding, LeavesPixelsBeyondTheLastPatch) {
  expect_unchanged(lower_patch_embedding, graph_of(patches(2, 2), {1, 3, 5, 4}, {5, 3, 2, 2}));
}

TEST(LowerPatchEmbedding, LeavesGroups) {
  Conv conv = patches(2, 2);
  conv.group = 2;
  expect_unchanged(lower_patch_embedding, graph_of(conv, {1, 4, 4, 4}, {6, 2, 2, 2}));
}

TEST(LowerPatchEmbedding, LeavesPointwiseConvolutions) {
  expect_unchanged(lower_patch_embedding, graph_of(patches(1, 1), {1, 3, 4, 4}, {5, 3, 1, 1}));
}

TEST(LowerPatchEmbedding, LeavesAWeightThatIsAnInput) {
  TestGraph graph;
  const ValueId x = graph.input({1, 3, 4, 4});
  expect_unchanged(lower_patch_embedding,
                   graph.finish({graph.node(patches(2, 2), {x, graph.input({5, 3, 2, 2})})}));
}

}  // namespace
}  // namespace nitro::passes
