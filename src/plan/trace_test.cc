#include "plan/trace.h"

#include "passes/testing.h"

namespace nitro::plan {
namespace {

using passes::TestGraph;

Traced to_source(const Graph& graph, ValueId value) {
  return trace(graph, value, [](ValueId) { return false; });
}

TEST(Trace, ReshapesKeepTheOrder) {
  TestGraph g;
  const ValueId x = g.input({2, 6});
  const ValueId y = g.reshape(g.reshape(x, {3, 4}), {12});
  const Traced traced = to_source(g.finish({y}), y);
  EXPECT_EQ(traced.source, x);
  EXPECT_TRUE(traced.identity());
  EXPECT_EQ(traced.nodes.size(), 2U);
}

TEST(Trace, FollowsAllMovement) {
  TestGraph g;
  const ValueId x = g.input({3, 4});
  const ValueId turned = g.transpose(x, {1, 0});                            // [4, 3]
  const ValueId picked = g.node(Gather{0}, {turned, g.indices({3, -4})});   // [2, 3]
  const ValueId part = g.nodes(Split{1, {1, 2}}, {picked})[1];              // [2, 2]
  const ValueId reversed = g.node(Slice{{1, 0}, {2, 2}, {-1, 1}}, {part});  // [2, 2]
  const ValueId wide = g.node(Expand{{2, 2, 2}}, {reversed});
  const Traced traced = to_source(g.finish({wide}), wide);
  EXPECT_EQ(traced.source, x);
  EXPECT_EQ(traced.nodes.size(), 5U);
  EXPECT_EQ(traced.places, (std::vector<int64_t>{4, 8, 7, 11, 4, 8, 7, 11}));
}

TEST(Trace, StopsWhereToldAndAtComputation) {
  TestGraph g;
  const ValueId x = g.input({3, 4});
  const ValueId exp = g.unary(UnaryKind::kExp, x);
  const ValueId first = g.transpose(exp, {1, 0});
  const ValueId second = g.reshape(first, {12});
  const Graph graph = g.finish({second});
  EXPECT_EQ(to_source(graph, second).source, exp);
  const Traced stopped = trace(graph, second, [&](ValueId value) { return value == first; });
  EXPECT_EQ(stopped.source, first);
  EXPECT_EQ(stopped.nodes.size(), 1U);
}

TEST(Trace, ComputedIndicesAreNoMovement) {
  TestGraph g;
  const ValueId x = g.input({3, 4});
  const ValueId y = g.node(Gather{0}, {x, g.input({2}, DType::kI64)});
  const Traced traced = to_source(g.finish({y}), y);
  EXPECT_EQ(traced.source, y);
  EXPECT_TRUE(traced.nodes.empty());
}

}  // namespace
}  // namespace nitro::plan
