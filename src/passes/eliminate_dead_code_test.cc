#include "passes/testing.h"

namespace nitro::passes {
namespace {

TEST(EliminateDeadCode, DropsNodesAndConstants) {
  TestGraph graph;
  const ValueId x = graph.input({3, 4});
  graph.unary(UnaryKind::kExp, graph.linear(x, 5));
  const Graph after =
      expect_rewrite(eliminate_dead_code, graph.finish({graph.unary(UnaryKind::kTanh, x)}));
  EXPECT_EQ(after.nodes().size(), 1U);
  EXPECT_EQ(after.values().size(), 2U);
  EXPECT_EQ(origins(after, after.node(0)), (std::set<std::string>{"n3"}));
}

TEST(EliminateDeadCode, KeepsInputsThatNobodyReads) {
  TestGraph graph;
  const ValueId x = graph.input({3});
  graph.unary(UnaryKind::kExp, graph.input({2}));
  const Graph after =
      expect_rewrite(eliminate_dead_code, graph.finish({graph.unary(UnaryKind::kTanh, x)}));
  EXPECT_EQ(after.inputs().size(), 2U);
}

TEST(EliminateDeadCode, LeavesANodeOfWhichOneOutputIsRead) {
  TestGraph graph;
  const auto parts = graph.nodes(Split{0, {1, 2}}, {graph.input({3, 2})});
  expect_unchanged(eliminate_dead_code, graph.finish({parts[1]}));
}

TEST(EliminateDeadCode, LeavesWhatFeedsTwoOutputs) {
  TestGraph graph;
  const ValueId y = graph.linear(graph.input({3, 4}), 5);
  expect_unchanged(eliminate_dead_code, graph.finish({y, graph.unary(UnaryKind::kExp, y)}));
}

TEST(EliminateDeadCode, LeavesAnOutputThatIsAnInput) {
  TestGraph graph;
  const ValueId x = graph.input({3, 4});
  expect_unchanged(eliminate_dead_code, graph.finish({graph.unary(UnaryKind::kExp, x), x}));
}

}  // namespace
}  // namespace nitro::passes
