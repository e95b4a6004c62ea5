#include "passes/testing.h"

namespace nitro::passes {
namespace {

TEST(OrderOperands, PutsConstantsSecond) {
  for (BinaryKind kind : {BinaryKind::kAdd, BinaryKind::kMul}) {
    TestGraph graph;
    const ValueId x = graph.input({2, 3});
    const ValueId y = graph.node(Binary{kind}, {graph.weight({3}), x});
    const Graph after = expect_rewrite(order_operands, graph.finish({y}));
    EXPECT_EQ(after.node(0).inputs[0], after.inputs()[0]);
    EXPECT_TRUE(after.constant(after.node(0).inputs[1]));
    EXPECT_EQ(origins(after, after.node(0)), (std::set<std::string>{"n0"}));
  }
}

TEST(OrderOperands, KeepsTheShapeWhereTheConstantIsLarger) {
  TestGraph graph;
  const ValueId x = graph.input({3});
  const Graph after =
      expect_rewrite(order_operands, graph.finish({graph.add(graph.weight({4, 2, 3}), x)}));
  EXPECT_EQ(after.type(after.outputs()[0]).shape, (Shape{4, 2, 3}));
}

TEST(OrderOperands, LeavesWhatDoesNotCommute) {
  for (BinaryKind kind : {BinaryKind::kSub, BinaryKind::kDiv, BinaryKind::kPow}) {
    TestGraph graph;
    const ValueId x = graph.input({2, 3});
    expect_unchanged(order_operands,
                     graph.finish({graph.node(Binary{kind}, {graph.scalar(2), x})}));
  }
}

TEST(OrderOperands, LeavesTwoConstants) {
  TestGraph graph;
  graph.input({3});
  expect_unchanged(order_operands, graph.finish({graph.add(graph.weight({3}), graph.scalar(2))}));
}

TEST(OrderOperands, LeavesTwoComputedOperands) {
  TestGraph graph;
  const ValueId x = graph.input({3}), y = graph.input({3});
  expect_unchanged(order_operands, graph.finish({graph.add(y, x)}));
}

TEST(OrderOperands, LeavesConstantsThatStandSecond) {
  TestGraph graph;
  const ValueId x = graph.input({3});
  expect_unchanged(order_operands, graph.finish({graph.mul(x, graph.scalar(2))}));
}

}  // namespace
}  // namespace nitro::passes
