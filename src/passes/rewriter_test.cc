#include "passes/rewriter.h"

#include "passes/testing.h"

namespace nitro::passes {
namespace {

Result<bool> negate_twice_is_nothing(Rewriter& rewriter, const Node& node) {
  const Node* inner = rewriter.source().producer(node.inputs[0]);
  const Op negate = Unary{UnaryKind::kNeg};
  if (node.op != negate || !inner || inner->op != negate) return false;
  rewriter.replace(node.outputs[0], rewriter.mapped(inner->inputs[0]));
  return true;
}

ValueId negated(TestGraph& graph, ValueId x, int times) {
  for (int i = 0; i < times; ++i) x = graph.unary(UnaryKind::kNeg, x);
  return x;
}

TEST(Rewriter, AppliesARuleUntilNothingChanges) {
  TestGraph builder;
  const ValueId x = builder.unary(UnaryKind::kExp, builder.input({3}));
  const Graph before = builder.finish({negated(builder, x, 9)});
  Graph after = before;
  EXPECT_TRUE(rewrite(after, negate_twice_is_nothing).value());
  EXPECT_EQ(after.nodes().size(), 2U) << print(after);
  expect_equivalent(before, after);
  EXPECT_FALSE(rewrite(after, negate_twice_is_nothing).value());
}

TEST(Rewriter, StopsAfterTheRoundsGiven) {
  TestGraph builder;
  const Graph before = builder.finish({builder.unary(UnaryKind::kExp, builder.input({3}))});
  Graph after = before;
  int rounds = 0;
  const Rule endless = [&](Rewriter& rewriter, const Node& node) -> Result<bool> {
    ++rounds;
    rewriter.replace(node.outputs[0],
                     TRY(rewriter.emit(node.op, rewriter.mapped(node.inputs), {&node})));
    return true;
  };
  EXPECT_TRUE(rewrite(after, endless, 5).value());
  EXPECT_EQ(rounds, 5);
  EXPECT_TRUE(equal(after, before));
}

TEST(Rewriter, LeavesTheGraphWhereARuleFails) {
  TestGraph builder;
  const Graph before = builder.finish({negated(builder, builder.input({3}), 2)});
  Graph after = before;
  const auto changed = rewrite(after, [](Rewriter&, const Node&) -> Result<bool> {
    return fail(ErrorCode::kUnsupportedOp, "no");
  });
  EXPECT_FALSE(changed.has_value());
  EXPECT_TRUE(equal(after, before));
}

TEST(Rewriter, CopiesANodeForTheOutputsThatARuleLeaves) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {2, 4}});
  const std::vector<ValueId> halves = graph.add_node(Split{1, {2, 2}}, {x}).value();
  graph.set_outputs(halves);
  const Graph before = graph;
  const Rule first_half_alone = [](Rewriter& rewriter, const Node& node) -> Result<bool> {
    if (!std::holds_alternative<Split>(node.op)) return false;
    const Op slice = Slice{{0, 0}, {2, 2}, {1, 1}};
    rewriter.replace(node.outputs[0],
                     TRY(rewriter.emit(slice, rewriter.mapped(node.inputs), {&node})));
    return true;
  };
  EXPECT_TRUE(rewrite(graph, first_half_alone, 1).value());
  EXPECT_EQ(graph.nodes().size(), 2U) << print(graph);
  expect_equivalent(before, graph);
}

TEST(Rewriter, KeepsOutputsApartThatBecomeOneValue) {
  TestGraph builder;
  const ValueId x = builder.input({3});
  const ValueId y = builder.unary(UnaryKind::kExp, x);
  Graph before = builder.finish({y, negated(builder, y, 2), negated(builder, x, 2)});
  for (size_t i = 0; i < 3; ++i)
    before.set_value_name(before.outputs()[i], "output" + std::to_string(i));
  Graph after = before;
  EXPECT_TRUE(rewrite(after, negate_twice_is_nothing).value());
  const auto valid = verify(after);
  ASSERT_TRUE(valid.has_value()) << valid.error().text();
  for (size_t i = 0; i < 3; ++i)
    EXPECT_EQ(after.value(after.outputs()[i]).name, "output" + std::to_string(i));
  expect_equivalent(before, after);
}

TEST(Rewriter, MergesOriginsOfWhatANodeStandsFor) {
  TestGraph builder;
  const Graph before = builder.finish({negated(builder, builder.input({3}), 2)});
  Rewriter rewriter(before);
  const ValueId x = rewriter.mapped(before.inputs()[0]);
  const auto y = rewriter.emit(Unary{UnaryKind::kAbs}, {x}, {&before.node(1), &before.node(0)});
  ASSERT_TRUE(y.has_value());
  rewriter.replace(before.outputs()[0], *y);
  const Graph after = rewriter.finish();
  EXPECT_EQ(origins(after, after.node(0)), (std::set<std::string>{"n0", "n1"}));
  EXPECT_TRUE(verify(after).has_value());
}

TEST(Rewriter, CountsReadsByNodesAndOutputs) {
  TestGraph builder;
  const ValueId x = builder.input({3});
  const ValueId once = builder.unary(UnaryKind::kExp, x);
  const ValueId thrice = builder.add(once, x);
  const Graph graph = builder.finish({builder.mul(thrice, thrice), thrice});
  const Rewriter rewriter(graph);
  EXPECT_TRUE(rewriter.used_once(once));
  EXPECT_EQ(rewriter.uses(thrice), 3U);
  EXPECT_EQ(rewriter.uses(x), 2U);
}

TEST(Rewriter, DropsDeadCodeButNoInputs) {
  TestGraph builder;
  const ValueId x = builder.input({3});
  builder.input({4});
  builder.add(x, builder.weight({3}));
  const auto parts = builder.nodes(Split{0, {1, 2}}, {x});
  const Graph after = without_dead_code(builder.finish({parts[1]}));
  EXPECT_EQ(after.inputs().size(), 2U);
  ASSERT_EQ(after.nodes().size(), 1U);
  EXPECT_EQ(after.values().size(), 4U);
  EXPECT_EQ(origins(after, after.node(0)), (std::set<std::string>{"n1"}));
  EXPECT_TRUE(verify(after).has_value());
}

}  // namespace
}  // namespace nitro::passes
