#include "passes/lossy/quantized_weights.h"
#include "passes/testing.h"

namespace nitro::passes {
namespace {

constexpr double kUnit = 1.0 / 127;  // of the largest weight of a channel

const Parameters kAll = {{"min_share", "0"}};

double squared_error(const Tensor& weights, const QuantizedWeights& quantized, int64_t axis) {
  const std::vector<double> values = weights.as<double>(), levels = quantized.values.as<double>();
  const auto inner = static_cast<size_t>(strides_of(weights.shape())[static_cast<size_t>(axis)]);
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double scale = quantized.scales[i / inner % quantized.scales.size()];
    sum += std::pow(values[i] - scale * levels[i], 2);
  }
  return sum;
}

/// The DequantizeLinear that operand 1 of `node` comes of.
const Node& weights_of(const Graph& graph, const Node& node) {
  const Node* found = graph.producer(node.inputs[1]);
  if (!found || !std::holds_alternative<DequantizeLinear>(found->op))
    throw std::logic_error("no quantised weights");
  EXPECT_EQ(graph.type(found->inputs[0]).dtype, DType::kI8);
  return *found;
}

TEST(QuantizeWeights, ProductsInAllForms) {
  for (bool transposed : {false, true}) {
    TestGraph graph;
    const ValueId x = graph.input({2, 32});
    const Shape shape = transposed ? Shape{24, 32} : Shape{32, 24};
    const ValueId a = graph.node(Gemm{.transpose_b = transposed, .alpha = 0.5},
                                 {x, graph.weight(shape), graph.weight({24})});
    const ValueId b = graph.node(MatMul{.transpose_b = transposed}, {x, graph.weight(shape)});
    const Graph after = expect_rewrite(quantize_weights, graph.finish({a, b}), 2 * kUnit);
    const Node& gemm = first<Gemm>(after);
    for (const Node* node : {&gemm, &first<MatMul>(after)}) {
      EXPECT_EQ(after.type(weights_of(after, *node).inputs[1]).shape, Shape{24});
    }
    EXPECT_EQ(origins(after, weights_of(after, gemm)), (std::set<std::string>{"n0"}));
  }
}

TEST(QuantizeWeights, Convolutions) {
  TestGraph graph;
  const Ints ones = {1, 1};
  const ValueId y = graph.node(Conv{ones, ones, ones, ones, 1},
                               {graph.input({1, 8, 4, 4}), graph.weight({16, 8, 3, 3})});
  const Graph after = expect_rewrite(quantize_weights, graph.finish({y}), 2 * kUnit);
  EXPECT_EQ(after.type(weights_of(after, first<Conv>(after)).inputs[1]).shape, Shape{16});
}

TEST(QuantizeWeights, HalfStaysHalf) {
  TestGraph graph;
  const ValueId x = graph.input({2, 32}, DType::kF16);
  const ValueId y = graph.node(MatMul{}, {x, graph.weight({32, 24}, DType::kF16)});
  const Graph after = expect_rewrite(quantize_weights, graph.finish({y}), 2 * kUnit);
  EXPECT_EQ(after.type(first<MatMul>(after).inputs[1]).dtype, DType::kF16);
}

TEST(QuantizeWeights, SharedWeightsStayShared) {
  TestGraph graph;
  const ValueId w = graph.weight({32, 32});
  const ValueId hidden = graph.node(MatMul{}, {graph.input({2, 32}), w});
  const Graph before = graph.finish({graph.node(MatMul{}, {hidden, w})});
  EXPECT_EQ(count<DequantizeLinear>(expect_rewrite(quantize_weights, before, 4 * kUnit)), 1U);
}

TEST(QuantizeWeights, LeavesLayersThatManyRowsPass) {
  TestGraph graph;
  const Graph before = graph.finish({graph.linear(graph.input({16, 32}), 32)});
  // 32 * 32 weights of 32 * (32 + 16 + 16)
  expect_unchanged(quantize_weights, before, {{"min_share", "0.51"}});
  expect_rewrite(quantize_weights, before, 2 * kUnit);
  expect_rewrite(quantize_weights, before, 2 * kUnit, kAll);
}

TEST(QuantizeWeights, LeavesWhatHasNoWeightsAndWhatIsSkipped) {
  TestGraph graph;
  graph.enter("head");
  const ValueId x = graph.input({2, 32});
  const ValueId a = graph.node(MatMul{}, {x, graph.input({32, 8})});
  const ValueId b = graph.node(MatMul{}, {graph.weight({2, 32}), graph.weight({32, 8})});
  const ValueId c = graph.node(MatMul{}, {x, graph.weight({4, 32, 8})});
  const ValueId d = graph.mul(x, graph.weight({2, 32}));
  const ValueId e = graph.linear(x, 8);
  const Graph before = graph.finish({a, b, c, d, e});
  expect_unchanged(quantize_weights, before, {{"min_share", "0"}, {"skip", "head"}});
  EXPECT_EQ(count<DequantizeLinear>(expect_rewrite(quantize_weights, before, 2 * kUnit, kAll)), 1U);
}

TEST(QuantizeWeights, TheErrorIsNeverAboveThatOfTheWholeRange) {
  Random random(3);
  for (DType dtype : {DType::kF32, DType::kF16}) {
    std::vector<double> values = random_values(random, 64 * 9);
    values[5] = 40;                                 // an outlier
    for (size_t i = 9; i < 18; ++i) values[i] = 0;  // a channel of nothing
    for (size_t i = 18; i < 27; ++i) values[i] *= 1e-3;
    const Tensor weights = Tensor::of(dtype, {64, 9}, values);
    const QuantizedWeights fitted = fit_weights(weights, 0);
    const double plain = squared_error(weights, quantize_weights(weights, 0, true), 0);
    const double error = squared_error(weights, fitted, 0);
    EXPECT_LT(error, plain);
    EXPECT_EQ(Tensor::of(dtype, {64}, fitted.scales).as<double>(), fitted.scales);
  }
}

TEST(QuantizeWeights, RefusesWhatIsNoShare) {
  TestGraph graph;
  Graph before = graph.finish({graph.linear(graph.input({2, 32}), 8)});
  EXPECT_EQ(quantize_weights(before, {{"min_share", "most"}}).error().code, ErrorCode::kBadRecipe);
  EXPECT_EQ(quantize_weights(before, {{"skip", "tail"}}).error().code, ErrorCode::kBadRecipe);
}

}  // namespace
}  // namespace nitro::passes
