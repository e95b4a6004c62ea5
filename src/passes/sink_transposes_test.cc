#include "passes/testing.h"

namespace nitro::passes {
namespace {

constexpr Run kSink = sink_transposes;

ValueId to_last(TestGraph& g, ValueId x) { return g.transpose(x, {0, 2, 3, 1}); }
ValueId to_first(TestGraph& g, ValueId x) { return g.transpose(x, {0, 3, 1, 2}); }

/// A normalisation of the last axis by single ops, with scale and shift of each channel.
ValueId normalised(TestGraph& g, ValueId x) {
  const int64_t channels = g.shape(x).back();
  const ValueId centred = g.sub(x, g.node(Reduce{ReduceKind::kMean, {3}, true}, {x}));
  const ValueId square = g.node(Reduce{ReduceKind::kMean, {3}, true}, {g.mul(centred, centred)});
  const ValueId root = g.unary(UnaryKind::kSqrt, g.add(square, g.scalar(1e-5)));
  return g.add(g.mul(g.div(centred, root), g.weight({channels})), g.weight({channels}));
}

TEST(SinkTransposes, ANormalisationOfChannelsIsAlongTheirAxis) {
  TestGraph g;
  const ValueId x = g.input({2, 8, 3, 5});
  const Graph before = g.finish({to_first(g, normalised(g, to_last(g, x)))});
  const Graph after = expect_rewrite(kSink, before);
  EXPECT_EQ(count<Transpose>(after), 0U);
  EXPECT_EQ(first<Reduce>(after).op, Op(Reduce{ReduceKind::kMean, {1}, true}));
  EXPECT_EQ(after.type(after.outputs()[0]).shape, (Shape{2, 8, 3, 5}));
}

TEST(SinkTransposes, ResultsThatAreNeededTransposedStaySo) {
  TestGraph g;
  const ValueId y = normalised(g, to_last(g, g.input({2, 8, 3, 5})));
  const Graph before = g.finish({to_first(g, y), to_first(g, g.unary(UnaryKind::kExp, y)), y});
  const Graph after = expect_rewrite(kSink, before);
  EXPECT_EQ(count<Transpose>(after), 1U);
}

TEST(SinkTransposes, OperandsThatAreTransposedAlikeMayMeet) {
  TestGraph g;
  const ValueId a = to_last(g, g.input({2, 8, 3, 5})), b = to_last(g, g.input({2, 8, 3, 5}));
  const ValueId chosen = g.node(Where{}, {g.node(Binary{BinaryKind::kLess}, {a, b}), a, b});
  const Graph after = expect_rewrite(kSink, g.finish({to_first(g, g.node(Softmax{3}, {chosen}))}));
  EXPECT_EQ(count<Transpose>(after), 0U);
  EXPECT_EQ(first<Softmax>(after).op, Op(Softmax{1}));
}

TEST(SinkTransposes, TwoOfOnePermutationBecomeOneOfBoth) {
  TestGraph g;
  const ValueId x = to_last(g, g.input({2, 8, 3, 5}));
  const ValueId a = g.unary(UnaryKind::kExp, x);
  const Graph after = expect_rewrite(
      kSink, g.finish({to_first(g, a), g.transpose(g.unary(UnaryKind::kAbs, a), {0, 2, 1, 3})}));
  EXPECT_EQ(count<Transpose>(after), 1U);
}

TEST(SinkTransposes, ConstantsOfAnyRankAreTransposedBack) {
  for (const Shape& shape : std::vector<Shape>{{}, {1}, {8}, {5, 1}, {3, 1, 8}, {2, 3, 5, 8}}) {
    TestGraph g;
    const ValueId sum = g.add(to_last(g, g.input({2, 8, 3, 5})), g.weight(shape));
    EXPECT_EQ(count<Transpose>(expect_rewrite(kSink, g.finish({to_first(g, sum)}))), 0U);
  }
}

TEST(SinkTransposes, NothingIsDoneWhereItWouldNotHelp) {
  const auto unchanged = [](const std::function<ValueId(TestGraph&, ValueId)>& rest) {
    TestGraph g;
    const ValueId x = to_last(g, g.input({2, 8, 3, 5}));
    expect_unchanged(kSink, g.finish({rest(g, x)}));
  };
  unchanged([](TestGraph&, ValueId x) { return x; });
  // Nothing undoes it.
  unchanged([](TestGraph& g, ValueId x) { return g.unary(UnaryKind::kExp, x); });
  unchanged([](TestGraph& g, ValueId x) { return g.linear(g.unary(UnaryKind::kExp, x), 4); });
  // What is between needs the axes where they are.
  unchanged([](TestGraph& g, ValueId x) { return to_first(g, g.linear(x, 8)); });
  unchanged([](TestGraph& g, ValueId x) { return to_first(g, g.layer_norm(x)); });
  unchanged([](TestGraph& g, ValueId x) {
    return to_first(g, g.reshape(g.reshape(x, {2, 15, 8}), {2, 3, 5, 8}));
  });
  // An operand of another order, or of fewer axes.
  unchanged([](TestGraph& g, ValueId x) { return to_first(g, g.add(x, g.input({2, 3, 5, 8}))); });
  unchanged([](TestGraph& g, ValueId x) { return to_first(g, g.add(x, g.input({8}))); });
  unchanged([](TestGraph& g, ValueId x) {
    const ValueId mean = g.node(Reduce{ReduceKind::kMean, {3}, false}, {x});
    return g.transpose(mean, {0, 2, 1});
  });
}

}  // namespace
}  // namespace nitro::passes
