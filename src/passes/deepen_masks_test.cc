#include "passes/testing.h"

namespace nitro::passes {
namespace {

constexpr int64_t kKeys = 4;

Shape matrix() { return {1, 2, kKeys, kKeys}; }

/// Hides the last two keys of the first query by `depth`.
ValueId mask(TestGraph& graph, double depth, DType dtype = DType::kF32) {
  std::vector<double> values(kKeys * kKeys, 0.25);
  values[2] = values[3] = depth;
  return graph.values({1, 1, kKeys, kKeys}, values, dtype);
}

ValueId softmax(TestGraph& graph, ValueId scores) {
  return graph.node(Softmax{graph.shape(scores).size() == 4 ? 3 : 2, false}, {scores});
}

/// The least element of the constants of `graph`.
double least(const Graph& graph) {
  double result = 0;
  for (ValueId id = 0; id < graph.values().size(); ++id) {
    if (const Tensor* constant = graph.constant(id)) {
      for (double value : constant->as<double>()) result = std::min(result, value);
    }
  }
  return result;
}

TEST(DeepenMasks, ASumBeforeASoftmax) {
  TestGraph graph;
  const ValueId scores = graph.input(matrix());
  const ValueId y = softmax(graph, graph.add(scores, mask(graph, -100)));
  const Graph after = expect_rewrite(deepen_masks, graph.finish({y}), 1e-30);
  EXPECT_NEAR(least(after), -10000, 1);
}

TEST(DeepenMasks, AlsoThroughReshapesAndOtherSums) {
  TestGraph graph;
  const ValueId scores = graph.input({2, kKeys, kKeys});
  const ValueId masked = graph.add(mask(graph, -100), graph.reshape(scores, matrix()));
  const ValueId biased =
      graph.add(graph.reshape(masked, {2, kKeys, kKeys}), graph.weight({1, kKeys, kKeys}));
  const Graph after = expect_rewrite(deepen_masks, graph.finish({softmax(graph, biased)}), 1e-30);
  EXPECT_NEAR(least(after), -10000, 1);
}

TEST(DeepenMasks, TheBiasOfAttention) {
  TestGraph graph;
  std::vector<ValueId> inputs;
  for (int i = 0; i < 3; ++i) inputs.push_back(graph.input({1, 2, kKeys, 3}));
  inputs.push_back(mask(graph, -100));
  const Graph after =
      expect_rewrite(deepen_masks, graph.finish({graph.node(Attention{}, inputs)}), 1e-30);
  EXPECT_NEAR(least(after), -10000, 1);
}

TEST(DeepenMasks, TheBiasOfProjectedAttention) {
  TestGraph graph;
  const ValueId x = graph.input({1, kKeys, 8});
  const ValueId y = graph.node(ProjectedAttention{2, 0.5},
                               {x, graph.weight({8, 24}), graph.weight({24}), mask(graph, -100)});
  const Graph after = expect_rewrite(deepen_masks, graph.finish({y}), 1e-30);
  EXPECT_NEAR(least(after), -10000, 1);
}

TEST(DeepenMasks, InHalfPrecisionToo) {
  TestGraph graph;
  const ValueId scores = graph.input(matrix(), DType::kF16);
  const ValueId y = softmax(graph, graph.add(scores, mask(graph, -100, DType::kF16)));
  const Graph after = expect_rewrite(deepen_masks, graph.finish({y}), 1e-30);
  EXPECT_NEAR(least(after), -10000, 8);
}

TEST(DeepenMasks, LeavesWhatIsGoneAlready) {
  for (double depth : {-10000.0, -std::numeric_limits<double>::infinity(), -3.4e38}) {
    TestGraph graph;
    const ValueId scores = graph.input(matrix());
    expect_unchanged(deepen_masks,
                     graph.finish({softmax(graph, graph.add(scores, mask(graph, depth)))}));
  }
}

TEST(DeepenMasks, LeavesWhatStillCounts) {
  TestGraph graph;
  const ValueId scores = graph.input(matrix());
  expect_unchanged(deepen_masks,
                   graph.finish({softmax(graph, graph.add(scores, mask(graph, -70)))}));
}

TEST(DeepenMasks, LeavesRowsThatHideEverything) {
  TestGraph graph;
  const ValueId scores = graph.input(matrix());
  const ValueId all = graph.values({1, 1, 1, kKeys}, {-100, -100, -100, -100});
  expect_unchanged(deepen_masks, graph.finish({softmax(graph, graph.add(scores, all))}));
}

TEST(DeepenMasks, LeavesAMaskThatBroadcastsOverKeys) {
  TestGraph graph;
  const ValueId scores = graph.input(matrix());
  const ValueId each = graph.values({1, 1, kKeys, 1}, {-100, 0, 0, 0});
  expect_unchanged(deepen_masks, graph.finish({softmax(graph, graph.add(scores, each))}));
}

TEST(DeepenMasks, LeavesSumsThatAreReadElsewhere) {
  TestGraph graph;
  const ValueId masked = graph.add(graph.input(matrix()), mask(graph, -100));
  expect_unchanged(deepen_masks, graph.finish({softmax(graph, masked), masked}));
}

TEST(DeepenMasks, LeavesLogarithmsAndOtherAxes) {
  TestGraph graph;
  const ValueId scores = graph.input(matrix());
  const ValueId masked = graph.add(scores, mask(graph, -100));
  expect_unchanged(deepen_masks, graph.finish({graph.node(Softmax{3, true}, {masked})}));
  TestGraph other;
  const ValueId sum = other.add(other.input(matrix()), mask(other, -100));
  expect_unchanged(deepen_masks, other.finish({other.node(Softmax{2, false}, {sum})}));
}

}  // namespace
}  // namespace nitro::passes
