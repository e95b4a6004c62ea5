#include "passes/testing.h"

namespace nitro::passes {
namespace {

TEST(MergeCommonSubexpressions, ComputesEqualChainsOnce) {
  TestGraph graph;
  const ValueId x = graph.input({2, 3});
  const ValueId a = graph.unary(UnaryKind::kExp, graph.unary(UnaryKind::kTanh, x));
  const ValueId b = graph.unary(UnaryKind::kExp, graph.unary(UnaryKind::kTanh, x));
  const Graph after = expect_rewrite(merge_common_subexpressions, graph.finish({graph.add(a, b)}));
  EXPECT_EQ(after.nodes().size(), 3U);
}

TEST(MergeCommonSubexpressions, TakesEqualConstantsAsOne) {
  TestGraph graph;
  const ValueId x = graph.input({3});
  const ValueId a = graph.add(x, graph.values({3}, {1, 2, 3}));
  const ValueId b = graph.add(x, graph.values({3}, {1, 2, 3}));
  const Graph after = expect_rewrite(merge_common_subexpressions, graph.finish({graph.mul(a, b)}));
  EXPECT_EQ(after.nodes().size(), 2U);
}

TEST(MergeCommonSubexpressions, MergesAllOutputs) {
  TestGraph graph;
  const ValueId x = graph.input({3, 2});
  const auto a = graph.nodes(Split{0, {1, 2}}, {x}), b = graph.nodes(Split{0, {1, 2}}, {x});
  const Graph after =
      expect_rewrite(merge_common_subexpressions, graph.finish({graph.mul(a[1], b[1]), b[0]}));
  EXPECT_EQ(count<Split>(after), 1U);
}

TEST(MergeCommonSubexpressions, KeepsTwoOutputsThatAreEqual) {
  TestGraph graph;
  const ValueId x = graph.input({2, 3});
  const ValueId a = graph.unary(UnaryKind::kTanh, x), b = graph.unary(UnaryKind::kTanh, x);
  const Graph after = expect_rewrite(merge_common_subexpressions, graph.finish({a, b}));
  EXPECT_EQ(count<Unary>(after), 1U);
  EXPECT_NE(after.outputs()[0], after.outputs()[1]);
}

TEST(MergeCommonSubexpressions, LeavesOtherAttributes) {
  TestGraph graph;
  const ValueId x = graph.input({2, 2});
  expect_unchanged(merge_common_subexpressions,
                   graph.finish({graph.mul(graph.node(Softmax{0, false}, {x}),
                                           graph.node(Softmax{1, false}, {x}))}));
}

TEST(MergeCommonSubexpressions, LeavesOperandsInAnotherOrder) {
  TestGraph graph;
  const ValueId x = graph.input({2, 2}), y = graph.input({2, 2});
  expect_unchanged(merge_common_subexpressions,
                   graph.finish({graph.mul(graph.sub(x, y), graph.sub(y, x))}));
}

TEST(MergeCommonSubexpressions, LeavesConstantsOfAnotherShapeOrInTheMiddle) {
  TestGraph graph;
  const ValueId x = graph.input({3, 400});
  std::vector<double> elements(400, 1);
  const ValueId a = graph.add(x, graph.values({400}, elements));
  const ValueId b = graph.add(x, graph.values({1, 400}, elements));
  elements[200] = 2;  // away from both ends
  const ValueId c = graph.add(x, graph.values({400}, elements));
  expect_unchanged(merge_common_subexpressions, graph.finish({graph.mul(graph.mul(a, b), c)}));
}

}  // namespace
}  // namespace nitro::passes
