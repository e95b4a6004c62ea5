#include "passes/testing.h"

namespace nitro::passes {
namespace {

struct Form {
  bool product_as_square = false;
  bool reciprocal = false;
  bool two_differences = false;
  bool scale = true;
  bool bias = true;
  double power = 2;
  Ints axes = {2};
};

struct Parts {
  ValueId y, mean, difference, variance;
};

Parts norm(TestGraph& graph, ValueId x, const Form& form = {}) {
  const Reduce mean{ReduceKind::kMean, form.axes, true};
  Parts parts{};
  parts.mean = graph.node(mean, {x});
  parts.difference = graph.sub(x, parts.mean);
  const ValueId dividend = form.two_differences ? graph.sub(x, parts.mean) : parts.difference;
  const ValueId square =
      form.product_as_square
          ? graph.mul(parts.difference, parts.difference)
          : graph.node(Binary{BinaryKind::kPow}, {parts.difference, graph.scalar(form.power)});
  parts.variance = graph.node(mean, {square});
  const ValueId deviation =
      graph.unary(UnaryKind::kSqrt, graph.add(parts.variance, graph.scalar(1e-3)));
  parts.y = form.reciprocal ? graph.mul(graph.unary(UnaryKind::kReciprocal, deviation), dividend)
                            : graph.div(dividend, deviation);
  const Shape normalised(graph.shape(x).begin() + form.axes[0], graph.shape(x).end());
  if (form.scale) parts.y = graph.mul(parts.y, graph.weight(normalised));
  if (form.bias) parts.y = graph.add(graph.weight(normalised), parts.y);
  return parts;
}

Graph graph_of(const Form& form) {
  TestGraph graph;
  return graph.finish({norm(graph, graph.input({2, 3, 8}), form).y});
}

class LayerNormForms : public testing::TestWithParam<Form> {};

TEST_P(LayerNormForms, BecomeOneOp) {
  const Graph after = expect_rewrite(fuse_layer_norm, graph_of(GetParam()));
  ASSERT_EQ(after.nodes().size(), 1U) << print(after);
  const auto& op = std::get<LayerNormalization>(after.node(0).op);
  EXPECT_EQ(op.axis, GetParam().axes[0]);
  EXPECT_NEAR(op.epsilon, 1e-3, 1e-9);
}

INSTANTIATE_TEST_SUITE_P(FuseLayerNorm, LayerNormForms,
                         testing::Values(Form{}, Form{.product_as_square = true},
                                         Form{.reciprocal = true}, Form{.two_differences = true},
                                         Form{.scale = false}, Form{.scale = false, .bias = false},
                                         Form{.bias = false}, Form{.axes = {1, 2}}));

TEST(FuseLayerNorm, MergesOrigins) {
  const Graph after = expect_rewrite(fuse_layer_norm, graph_of({}));
  EXPECT_EQ(origins(after, after.node(0)),
            (std::set<std::string>{"n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8"}));
}

TEST(FuseLayerNorm, LooksThroughCastsInside) {
  TestGraph graph;
  const ValueId x = graph.input({2, 3, 8}, DType::kF16);
  const Reduce mean{ReduceKind::kMean, {2}, true};
  const ValueId difference = graph.sub(x, graph.node(mean, {x}));
  const ValueId wide = graph.node(Cast{DType::kF32}, {difference});
  const ValueId square = graph.node(Binary{BinaryKind::kPow}, {wide, graph.scalar(2)});
  const ValueId sum = graph.add(graph.node(mean, {square}), graph.scalar(1e-5));
  const ValueId deviation = graph.node(Cast{DType::kF16}, {graph.unary(UnaryKind::kSqrt, sum)});
  const ValueId y = graph.div(difference, deviation);
  const ValueId scaled = graph.mul(y, graph.weight({8}, DType::kF16));
  const Graph after = expect_rewrite(fuse_layer_norm, graph.finish({scaled}), 4e-3);
  EXPECT_EQ(after.nodes().size(), 1U);
}

TEST(FuseLayerNorm, KeepsCastsAround) {
  TestGraph graph;
  const ValueId x = graph.node(Cast{DType::kF32}, {graph.input({2, 3, 8}, DType::kF16)});
  const ValueId y = graph.node(Cast{DType::kF16}, {norm(graph, x).y});
  const Graph after = expect_rewrite(fuse_layer_norm, graph.finish({y}), 2e-3);
  EXPECT_EQ(after.nodes().size(), 3U);
}

TEST(FuseLayerNorm, LeavesOtherPowers) {
  expect_unchanged(fuse_layer_norm, graph_of({.power = 3}));
}

TEST(FuseLayerNorm, LeavesMeansOverInnerAxes) {
  expect_unchanged(fuse_layer_norm, graph_of({.scale = false, .bias = false, .axes = {1}}));
}

TEST(FuseLayerNorm, LeavesAVarianceThatIsReadElsewhere) {
  TestGraph graph;
  const Parts parts = norm(graph, graph.input({2, 3, 8}));
  expect_unchanged(fuse_layer_norm,
                   graph.finish({parts.y, graph.unary(UnaryKind::kExp, parts.variance)}));
}

TEST(FuseLayerNorm, LeavesADifferenceThatIsAnOutput) {
  TestGraph graph;
  const Parts parts = norm(graph, graph.input({2, 3, 8}));
  expect_unchanged(fuse_layer_norm, graph.finish({parts.y, parts.difference}));
}

TEST(FuseLayerNorm, LeavesTheMeanOfAnotherValue) {
  TestGraph graph;
  const ValueId x = graph.input({2, 3, 8}), other = graph.input({2, 3, 8});
  const Reduce mean{ReduceKind::kMean, {2}, true};
  const ValueId difference = graph.sub(x, graph.node(mean, {other}));
  const ValueId variance = graph.node(mean, {graph.mul(difference, difference)});
  const ValueId deviation = graph.unary(UnaryKind::kSqrt, graph.add(variance, graph.scalar(1e-5)));
  expect_unchanged(fuse_layer_norm, graph.finish({graph.div(difference, deviation)}));
}

TEST(FuseLayerNorm, KeepsAScaleThatBroadcastsOtherwise) {
  TestGraph graph;
  const ValueId y = norm(graph, graph.input({2, 8, 8}), {.scale = false, .bias = false}).y;
  const Graph after =
      expect_rewrite(fuse_layer_norm, graph.finish({graph.mul(y, graph.weight({8, 1}))}));
  EXPECT_EQ(after.nodes().size(), 2U);
}

}  // namespace
}  // namespace nitro::passes
