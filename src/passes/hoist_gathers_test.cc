#include "passes/testing.h"

namespace nitro::passes {
namespace {

const std::vector<int64_t> kOrder = {2, 0, 3, 1};

ValueId gather(TestGraph& graph, ValueId x, const std::vector<int64_t>& rows) {
  return graph.node(Gather{0}, {x, graph.indices(rows)});
}

TEST(HoistGathers, MovesAPermutationBeforeTokenWiseLayers) {
  TestGraph graph;
  const ValueId x = graph.unary(UnaryKind::kExp, graph.input({4, 6}));
  const ValueId y = graph.layer_norm(graph.linear(graph.layer_norm(x), 5));
  const Graph after = expect_rewrite(hoist_gathers, graph.finish({gather(graph, y, kOrder)}));
  ASSERT_EQ(count<Gather>(after), 1U);
  EXPECT_EQ(first<Gather>(after).inputs[0], after.node(0).outputs[0]) << print(after);
}

TEST(HoistGathers, JoinsGathers) {
  TestGraph graph;
  const ValueId x = graph.unary(UnaryKind::kExp, graph.input({4, 6}));
  const ValueId y = gather(graph, gather(graph, x, {3, 0, 1, 2}), {1, 3});
  const Graph after = expect_rewrite(hoist_gathers, graph.finish({y}));
  ASSERT_EQ(count<Gather>(after), 1U);
  const Node& joined = first<Gather>(after);
  EXPECT_EQ(after.constant(joined.inputs[1])->as<int64_t>(), (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(origins(after, joined), (std::set<std::string>{"n1", "n2"}));
}

TEST(HoistGathers, JoinsGathersAroundAReshapeOfWholeRows) {
  TestGraph graph;
  const ValueId x = gather(graph, graph.input({8, 3}), {7, 6, 5, 4, 3, 2, 1, 0});
  const ValueId y = gather(graph, graph.reshape(x, {4, 6}), kOrder);
  const Graph after = expect_rewrite(hoist_gathers, graph.finish({y}));
  EXPECT_EQ(count<Gather>(after), 1U);
}

TEST(HoistGathers, JoinsRowsCountedFromTheEnd) {
  TestGraph graph;
  const ValueId x = gather(graph, graph.input({5, 3}), {-1, -5, 2});
  const Graph after = expect_rewrite(hoist_gathers, graph.finish({gather(graph, x, {-1, -3, -2})}));
  EXPECT_EQ(after.constant(first<Gather>(after).inputs[1])->as<int64_t>(),
            (std::vector<int64_t>{2, 4, 0}));
}

TEST(HoistGathers, LeavesAReshapeThatCutsRows) {
  TestGraph graph;
  const ValueId x = gather(graph, graph.input({4, 6}), kOrder);
  expect_unchanged(hoist_gathers,
                   graph.finish({gather(graph, graph.reshape(x, {8, 3}), {1, 0, 3, 2})}));
}

TEST(HoistGathers, LeavesGathersThatDiffer) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({4, 6}));
  const ValueId a = gather(graph, y, kOrder), b = gather(graph, y, {1, 0, 2, 3});
  expect_unchanged(hoist_gathers, graph.finish({a, b}));
}

TEST(HoistGathers, LeavesALayerThatIsReadElsewhere) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({4, 6}));
  const ValueId other = graph.unary(UnaryKind::kExp, y);
  expect_unchanged(hoist_gathers, graph.finish({gather(graph, y, kOrder), other}));
}

TEST(HoistGathers, LeavesALayerThatIsAnOutput) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({4, 6}));
  expect_unchanged(hoist_gathers, graph.finish({gather(graph, y, kOrder), y}));
}

TEST(HoistGathers, LeavesAGatherThatRepeatsRows) {
  TestGraph graph;
  const ValueId y = graph.layer_norm(graph.input({4, 6}));
  expect_unchanged(hoist_gathers, graph.finish({gather(graph, y, {0, 0, 1, 2})}));
}

TEST(HoistGathers, LeavesANormAcrossRows) {
  TestGraph graph;
  const ValueId x = graph.input({4, 6});
  const ValueId y = graph.node(LayerNormalization{0, 1e-5}, {x, graph.weight({4, 6})});
  expect_unchanged(hoist_gathers, graph.finish({gather(graph, y, kOrder)}));
}

TEST(HoistGathers, LeavesANormWhoseStatisticsAreRead) {
  TestGraph graph;
  const ValueId x = graph.input({4, 6});
  const auto norm = graph.nodes(LayerNormalization{1, 1e-5}, {x, graph.weight({6})});
  const ValueId deviation = graph.unary(UnaryKind::kExp, norm[2]);
  expect_unchanged(hoist_gathers, graph.finish({gather(graph, norm[0], kOrder), deviation}));
}

TEST(HoistGathers, LeavesEmptyRows) {
  TestGraph graph;
  const ValueId x = gather(graph, graph.input({4, 0}), kOrder);
  const ValueId y = gather(graph, graph.reshape(x, {4, 0}), kOrder);
  expect_unchanged(hoist_gathers, graph.finish({y}));
}

}  // namespace
}  // namespace nitro::passes
