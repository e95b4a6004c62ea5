#include "passes/testing.h"

namespace nitro::passes {
namespace {

using Build = ValueId (*)(TestGraph&, ValueId x);

/// Identities of x [2, 3, 4].
constexpr Build kIdentities[] = {
    [](TestGraph& g, ValueId x) {
      return g.reshape(x, {2, 3, 4});
    },
    [](TestGraph& g, ValueId x) {
      return g.transpose(x, {0, 1, 2});
    },
    [](TestGraph& g, ValueId x) { return g.node(Cast{DType::kF32}, {x}); },
    [](TestGraph& g, ValueId x) {
      return g.node(Expand{{2, 3, 4}}, {x});
    },
    [](TestGraph& g, ValueId x) {
      return g.node(Tile{{1, 1, 1}}, {x});
    },
    [](TestGraph& g, ValueId x) {
      return g.node(Slice{{0, 0, 0}, {2, 3, 4}, {1, 1, 1}}, {x});
    },
    [](TestGraph& g, ValueId x) {
      return g.node(Pad{.before = {0, 0, 0}, .after = {0, 0, 0}}, {x});
    },
    [](TestGraph& g, ValueId x) { return g.node(Concat{1}, {x}); },
    [](TestGraph& g, ValueId x) {
      return g.node(Split{1, {3}}, {x});
    },
    [](TestGraph& g, ValueId x) { return g.add(x, g.scalar(0)); },
    [](TestGraph& g, ValueId x) {
      return g.sub(x, g.values({4}, {0, 0, 0, 0}));
    },
    [](TestGraph& g, ValueId x) { return g.mul(x, g.scalar(1)); },
    [](TestGraph& g, ValueId x) { return g.div(x, g.scalar(1)); },
};

/// What is near to an identity, but is none.
constexpr Build kOthers[] = {
    [](TestGraph& g, ValueId x) {
      return g.transpose(x, {0, 2, 1});
    },
    [](TestGraph& g, ValueId x) { return g.node(Cast{DType::kF64}, {x}); },
    [](TestGraph& g, ValueId x) {
      return g.node(Slice{{0, 2, 0}, {2, 3, 4}, {1, -1, 1}}, {x});
    },
    [](TestGraph& g, ValueId x) {
      return g.node(Pad{.before = {0, 1, 0}, .after = {0, -1, 0}}, {x});
    },
    [](TestGraph& g, ValueId x) { return g.add(x, g.scalar(1)); },
    [](TestGraph& g, ValueId x) { return g.mul(x, g.scalar(0)); },
    [](TestGraph& g, ValueId x) { return g.sub(g.scalar(0), x); },
    [](TestGraph& g, ValueId x) {
      return g.add(x, g.values({1, 1, 1, 1}, {0}));
    },
};

class Identities : public testing::TestWithParam<Build> {};
class NoIdentities : public testing::TestWithParam<Build> {};

Graph between_functions(Build build) {
  TestGraph graph;
  const ValueId x = graph.unary(UnaryKind::kTanh, graph.input({2, 3, 4}));
  return graph.finish({graph.unary(UnaryKind::kExp, build(graph, x))});
}

TEST_P(Identities, Disappear) {
  const Graph after = expect_rewrite(remove_identities, between_functions(GetParam()));
  EXPECT_EQ(after.nodes().size(), 2U);
}
TEST_P(NoIdentities, Stay) { expect_unchanged(remove_identities, between_functions(GetParam())); }

INSTANTIATE_TEST_SUITE_P(RemoveIdentities, Identities, testing::ValuesIn(kIdentities));
INSTANTIATE_TEST_SUITE_P(RemoveIdentities, NoIdentities, testing::ValuesIn(kOthers));

TEST(RemoveIdentities, JoinsReshapes) {
  TestGraph graph;
  const ValueId flat = graph.reshape(graph.input({2, 3, 4}), {24});
  const Graph after =
      expect_rewrite(remove_identities, graph.finish({graph.reshape(flat, {4, 6})}));
  ASSERT_EQ(after.nodes().size(), 1U);
  EXPECT_EQ(origins(after, after.node(0)), (std::set<std::string>{"n0", "n1"}));
}

TEST(RemoveIdentities, JoinsTransposes) {
  TestGraph graph;
  const ValueId turned = graph.transpose(graph.input({2, 3, 4}), {1, 2, 0});
  const Graph after =
      expect_rewrite(remove_identities, graph.finish({graph.transpose(turned, {0, 2, 1})}));
  EXPECT_EQ(after.node(0).op, Op(Transpose{{1, 0, 2}}));
}

TEST(RemoveIdentities, CancelsTransposes) {
  TestGraph graph;
  const ValueId turned = graph.transpose(graph.input({2, 3, 4}), {1, 2, 0});
  const ValueId back = graph.transpose(turned, {2, 0, 1});
  const Graph after =
      expect_rewrite(remove_identities, graph.finish({graph.unary(UnaryKind::kExp, back)}));
  EXPECT_EQ(after.nodes().size(), 1U);
}

TEST(RemoveIdentities, KeepsAnInnerReshapeThatIsAnOutput) {
  TestGraph graph;
  const ValueId flat = graph.reshape(graph.input({2, 3, 4}), {24});
  const Graph after =
      expect_rewrite(remove_identities, graph.finish({flat, graph.reshape(flat, {4, 6})}));
  EXPECT_EQ(after.nodes().size(), 2U);
}

TEST(RemoveIdentities, LeavesAnIdentityThatIsAnOutput) {
  TestGraph graph;
  const ValueId x = graph.unary(UnaryKind::kTanh, graph.input({2, 3}));
  expect_unchanged(remove_identities, graph.finish({x, graph.reshape(x, {2, 3})}));
}

TEST(RemoveIdentities, LeavesAReshapeAroundATranspose) {
  TestGraph graph;
  const ValueId turned = graph.transpose(graph.reshape(graph.input({2, 3}), {3, 2}), {1, 0});
  expect_unchanged(remove_identities, graph.finish({graph.reshape(turned, {6})}));
}

}  // namespace
}  // namespace nitro::passes
