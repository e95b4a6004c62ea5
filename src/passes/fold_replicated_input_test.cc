#include "passes/testing.h"

namespace nitro::passes {
namespace {

ValueId convolve(TestGraph& graph, ValueId x, int64_t padding = 0, int64_t group = 1) {
  const Conv op{.strides = {2, 2},
                .dilations = {1, 1},
                .pads_before = {padding, padding},
                .pads_after = {padding, padding},
                .group = group};
  const int64_t channels = graph.shape(x)[1];
  return graph.node(op, {x, graph.weight({6, channels / group, 2, 2}), graph.weight({6})});
}

/// The channel of x [2, 1, 6, 6] three times.
using Replicate = ValueId (*)(TestGraph&, ValueId x);
constexpr Replicate kForms[] = {
    [](TestGraph& g, ValueId x) {
      return g.node(Expand{{2, 3, 6, 6}}, {x});
    },
    [](TestGraph& g, ValueId x) {
      return g.node(Concat{1}, {x, x, x});
    },
    [](TestGraph& g, ValueId x) {
      return g.node(Tile{{1, 3, 1, 1}}, {x});
    },
    [](TestGraph& g, ValueId x) {
      return g.node(Gather{1}, {x, g.indices({0, 0, 0})});
    },
};

class ReplicatedForms : public testing::TestWithParam<Replicate> {};

TEST_P(ReplicatedForms, BecomeAConvolutionOfOneChannel) {
  TestGraph graph;
  const ValueId y = convolve(graph, GetParam()(graph, graph.input({2, 1, 6, 6})), 1);
  const Graph after = expect_rewrite(fold_replicated_input, graph.finish({y}));
  ASSERT_EQ(after.nodes().size(), 1U);
  EXPECT_EQ(after.type(after.node(0).inputs[1]).shape, (Shape{6, 1, 2, 2}));
  EXPECT_EQ(origins(after, after.node(0)), (std::set<std::string>{"n0", "n1"}));
}

TEST_P(ReplicatedForms, TakeTheNormalisationAlong) {
  TestGraph graph;
  const ValueId copies = GetParam()(graph, graph.input({2, 1, 6, 6}));
  const ValueId centred = graph.sub(graph.div(copies, graph.scalar(2.55)), graph.weight({3, 1, 1}));
  const ValueId y = convolve(graph, graph.div(centred, graph.positive({1, 3, 1, 1})));
  const Graph after = expect_rewrite(fold_replicated_input, graph.finish({y}));
  EXPECT_EQ(after.nodes().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(FoldReplicatedInput, ReplicatedForms, testing::ValuesIn(kForms));

TEST(FoldReplicatedInput, TakesAChannelThatConstantsReplicate) {
  TestGraph graph;
  const ValueId unit = graph.div(graph.input({2, 1, 6, 6}), graph.scalar(2.55));
  const ValueId centred = graph.sub(unit, graph.weight({1, 3, 1, 1}));
  const Graph after =
      expect_rewrite(fold_replicated_input, graph.finish({convolve(graph, centred)}));
  EXPECT_EQ(after.nodes().size(), 1U);
}

TEST(FoldReplicatedInput, LeavesAShiftUnderPadding) {
  TestGraph graph;
  const ValueId copies = kForms[0](graph, graph.input({2, 1, 6, 6}));
  const ValueId centred = graph.sub(copies, graph.weight({1, 3, 1, 1}));
  expect_unchanged(fold_replicated_input, graph.finish({convolve(graph, centred, 1)}));
}

TEST(FoldReplicatedInput, LeavesDifferentChannels) {
  TestGraph graph;
  const ValueId a = graph.input({2, 1, 6, 6}), b = graph.input({2, 1, 6, 6});
  const ValueId y = graph.node(Concat{1}, {a, a, b});
  expect_unchanged(fold_replicated_input, graph.finish({convolve(graph, y)}));
}

TEST(FoldReplicatedInput, LeavesTilesOfPixels) {
  TestGraph graph;
  const ValueId y = graph.node(Tile{{1, 3, 2, 1}}, {graph.input({2, 1, 6, 6})});
  expect_unchanged(fold_replicated_input, graph.finish({convolve(graph, y)}));
}

TEST(FoldReplicatedInput, LeavesAnExtraReader) {
  TestGraph graph;
  const ValueId copies = kForms[0](graph, graph.input({2, 1, 6, 6}));
  expect_unchanged(fold_replicated_input,
                   graph.finish({convolve(graph, copies), graph.unary(UnaryKind::kExp, copies)}));
}

TEST(FoldReplicatedInput, LeavesAGraphOutput) {
  TestGraph graph;
  const ValueId copies = kForms[0](graph, graph.input({2, 1, 6, 6}));
  expect_unchanged(fold_replicated_input, graph.finish({convolve(graph, copies), copies}));
}

TEST(FoldReplicatedInput, LeavesGroups) {
  TestGraph graph;
  const ValueId copies = kForms[0](graph, graph.input({2, 1, 6, 6}));
  expect_unchanged(fold_replicated_input, graph.finish({convolve(graph, copies, 0, 3)}));
}

TEST_P(ReplicatedForms, GetAConvolutionOfTheirOwnInABatch) {
  TestGraph graph;
  const ValueId colour = graph.input({1, 3, 6, 6});
  const ValueId copies = GetParam()(graph, graph.input({2, 1, 6, 6}));
  const ValueId centred = graph.sub(copies, graph.weight({1, 3, 1, 1}));
  const ValueId batch = graph.node(Concat{0}, {graph.div(centred, graph.scalar(2)), colour});
  const Graph after = expect_rewrite(fold_replicated_input, graph.finish({convolve(graph, batch)}));
  EXPECT_EQ(after.nodes().size(), 3U) << print(after, {8});
  const Node& one = first<Conv>(after);
  EXPECT_EQ(after.type(one.inputs[1]).shape, (Shape{6, 1, 2, 2}));
  EXPECT_EQ(one.inputs.size(), 3U);
}

TEST(FoldReplicatedInput, LeavesABatchUnderPadding) {
  TestGraph graph;
  const ValueId colour = graph.input({1, 3, 6, 6});
  const ValueId copies = kForms[0](graph, graph.input({2, 1, 6, 6}));
  const ValueId centred = graph.sub(copies, graph.weight({1, 3, 1, 1}));
  const ValueId batch = graph.node(Concat{0}, {colour, centred});
  expect_unchanged(fold_replicated_input, graph.finish({convolve(graph, batch, 1)}));
}

TEST(FoldReplicatedInput, LeavesABatchOfColours) {
  TestGraph graph;
  const ValueId a = graph.input({1, 3, 6, 6}), b = graph.input({1, 3, 6, 6});
  expect_unchanged(fold_replicated_input,
                   graph.finish({convolve(graph, graph.node(Concat{0}, {a, b}))}));
}

}  // namespace
}  // namespace nitro::passes
