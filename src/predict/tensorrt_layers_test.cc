#include <gtest/gtest.h>

#include "passes/testing.h"
#include "predict/prediction.h"

namespace nitro::predict {
namespace {

using passes::TestGraph;

Conv convolution(int64_t pad, int64_t group = 1, int64_t stride = 1) {
  return Conv{{stride, stride}, {1, 1}, {pad, pad}, {pad, pad}, group};
}

ValueId convolve(TestGraph& g, ValueId x, int64_t channels, int64_t kernel) {
  return g.node(convolution(kernel / 2),
                {x, g.weight({channels, g.shape(x)[1], kernel, kernel}), g.weight({channels})});
}

std::vector<Family> families(const std::vector<Layer>& layers) {
  std::vector<Family> list;
  for (const Layer& layer : layers) list.push_back(layer.family);
  return list;
}

TEST(TensorrtLayers, AResidualBlockIsItsConvolutions) {
  TestGraph g;
  const ValueId x = g.input({1, 16, 8, 8});
  const ValueId a = g.unary(UnaryKind::kRelu, convolve(g, x, 16, 3));
  const ValueId b = g.unary(UnaryKind::kRelu, g.add(convolve(g, a, 16, 3), x));
  const auto layers = tensorrt_layers(g.finish({b}));
  EXPECT_EQ(families(layers), (std::vector{Family::kConvolution, Family::kConvolution}));
  EXPECT_TRUE(layers[0].product.winograd);
  EXPECT_EQ(layers[0].product.inner, 144);
  EXPECT_EQ(layers[0].ops, "Conv + Relu");
  EXPECT_EQ(layers[1].ops, "Conv + Add + Relu");
  EXPECT_EQ(layers[1].origins.size(), 3U);
  EXPECT_EQ(layers[1].elements_read, 2 * 16 * 64);  // a and x
  EXPECT_EQ(layers[1].elements_written, 16 * 64);
  EXPECT_EQ(layers[1].weights_read, 16 * 16 * 9 + 16);
}

TEST(TensorrtLayers, NothingFollowsAnActivationInAProduct) {
  TestGraph g;
  const ValueId x = g.input({1, 16, 8, 8});
  const ValueId a = g.unary(UnaryKind::kRelu, convolve(g, x, 16, 1));
  const auto layers = tensorrt_layers(g.finish({g.add(a, x)}));
  EXPECT_EQ(families(layers), (std::vector{Family::kPointwise, Family::kElementwise}));
}

TEST(TensorrtLayers, AChainOfElementwiseOpsIsOneKernel) {
  TestGraph g;
  const ValueId x = g.input({1, 16, 8, 8});
  const ValueId y = convolve(g, x, 16, 1);
  const ValueId swish = g.mul(y, g.unary(UnaryKind::kSigmoid, y));
  const auto layers = tensorrt_layers(g.finish({g.unary(UnaryKind::kExp, swish)}));
  EXPECT_EQ(families(layers), (std::vector{Family::kPointwise, Family::kElementwise}));
  EXPECT_EQ(layers[1].ops, "Sigmoid + Mul + Exp");
  EXPECT_EQ(layers[1].elements_read, 16 * 64);
}

TEST(TensorrtLayers, ReshapesAndTransposesOfSingleAxesAreNothing) {
  TestGraph g;
  const ValueId x = g.reshape(g.input({1, 16, 8, 8}), {16, 64});
  const ValueId y = g.transpose(g.reshape(x, {1, 16, 1, 64}), {2, 1, 0, 3});
  EXPECT_EQ(tensorrt_layers(g.finish({y})).size(), 0U);
  TestGraph h;
  const auto layers = tensorrt_layers(h.finish({h.transpose(h.input({4, 8}), {1, 0})}));
  EXPECT_EQ(families(layers), (std::vector{Family::kMovement}));
  EXPECT_EQ(layers[0].elements_written, 32);
}

TEST(TensorrtLayers, ConvolutionsOfOneValueAreOneUnlessConcatenated) {
  for (const bool concatenated : {false, true}) {
    TestGraph g;
    const ValueId x = g.input({1, 16, 8, 8});
    const ValueId a = convolve(g, x, 8, 1), b = convolve(g, x, 24, 1);
    const ValueId c = convolve(g, x, 24, 3);
    const Graph graph =
        concatenated ? g.finish({g.node(Concat{1}, {a, b}), c})
                     : g.finish({g.unary(UnaryKind::kExp, a), g.unary(UnaryKind::kExp, b), c});
    const auto layers = tensorrt_layers(graph);
    EXPECT_EQ(std::ranges::count(families(layers), Family::kPointwise), concatenated ? 2 : 1);
    EXPECT_EQ(layers[0].product.columns, concatenated ? 8 : 32);
    EXPECT_EQ(layers[0].weights_read, concatenated ? 8 * 17 : 32 * 17);
  }
}

TEST(TensorrtLayers, WhatIsConcatenatedIsWrittenInPlaceWhereItIsInOnePiece) {
  for (const auto& [batch, axis, copies] :
       std::vector<std::tuple<int64_t, int64_t, bool>>{{1, 1, false}, {2, 1, true}}) {
    TestGraph g;
    const ValueId x = g.input({batch, 16, 8, 8});
    const ValueId a = convolve(g, x, 8, 1), b = convolve(g, x, 24, 1);
    const auto layers = tensorrt_layers(g.finish({g.node(Concat{axis}, {a, b})}));
    EXPECT_EQ(layers.size(), copies ? 3U : 2U);
    if (copies) {
      EXPECT_EQ(layers[2].elements_read, 2 * 32 * 64);
    }
  }
}

TEST(TensorrtLayers, EqualOpsOfOneValueAreComputedOnce) {
  TestGraph g;
  const ValueId x = g.input({1, 16, 8, 8});
  const ValueId a = g.unary(UnaryKind::kRelu, x), b = g.unary(UnaryKind::kRelu, x);
  const auto layers = tensorrt_layers(g.finish({convolve(g, a, 8, 3), convolve(g, b, 8, 1)}));
  EXPECT_EQ(std::ranges::count(families(layers), Family::kElementwise), 1);
}

TEST(TensorrtLayers, KindsOfProducts) {
  TestGraph g;
  const ValueId x = g.input({1, 32, 8, 8});
  const ValueId depthwise = g.node(convolution(1, 32), {x, g.weight({32, 1, 3, 3})});
  const ValueId grouped = g.node(convolution(1, 2), {depthwise, g.weight({32, 16, 3, 3})});
  const ValueId tokens = g.transpose(g.reshape(grouped, {1, 32, 64}), {0, 2, 1});
  const ValueId linear = g.linear(tokens, 48);
  const ValueId scores = g.node(MatMul{.transpose_b = true}, {linear, linear});
  const ValueId softmax = g.node(Softmax{2}, {scores});
  const ValueId mean = g.node(Reduce{ReduceKind::kMean, {1}, false}, {softmax});
  const ValueId head = g.linear(mean, 10);
  const auto layers = tensorrt_layers(g.finish({head}));
  EXPECT_EQ(families(layers), (std::vector{Family::kDepthwise, Family::kConvolution,
                                           Family::kMovement, Family::kPointwise, Family::kProduct,
                                           Family::kSoftmax, Family::kReduce, Family::kVector}));
  EXPECT_EQ(layers[0].product.batch, 32);
  EXPECT_FALSE(layers[1].product.winograd);  // groups
  EXPECT_EQ(layers[3].product.rows, 64);
  EXPECT_EQ(layers[4].product.columns, 64);
}

TEST(TensorrtLayers, RunInTheOrderOfWhatTheyRead) {
  TestGraph g;
  const ValueId x = g.input({1, 16, 8, 8});
  const ValueId late = g.unary(UnaryKind::kSigmoid, x);
  const ValueId product = g.mul(late, convolve(g, x, 16, 3));
  const auto layers = tensorrt_layers(g.finish({product}));
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].ops, "Conv");
  EXPECT_EQ(layers[1].ops, "Sigmoid + Mul");
}

TEST(TensorrtLayers, WhatIsConcatenatedTwiceIsCopiedOnce) {
  TestGraph g;
  const ValueId a = convolve(g, g.input({1, 16, 8, 8}), 8, 1);
  const auto layers = tensorrt_layers(g.finish({g.node(Concat{1}, {a, a})}));
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[1].elements_written, 8 * 64);
}

TEST(TensorrtLayers, EachPartOfASplitIsWritten) {
  TestGraph g;
  const std::vector<ValueId> parts = g.nodes(Split{1, {4, 12}}, {g.input({1, 16, 8, 8})});
  const auto layers = tensorrt_layers(g.finish({parts[0], g.unary(UnaryKind::kExp, parts[1])}));
  EXPECT_EQ(families(layers), (std::vector{Family::kMovement, Family::kElementwise}));
  EXPECT_EQ(layers[0].elements_written, 16 * 64);
}

TEST(TensorrtLayers, AGatherReadsNoMoreOfItsTableThanItWrites) {
  TestGraph g;
  const ValueId words = g.node(Gather{0}, {g.weight({5000, 64}), g.input({7}, DType::kI64)});
  const auto layers = tensorrt_layers(g.finish({words}));
  ASSERT_EQ(layers.size(), 1U);
  EXPECT_LE(layers[0].elements_read + layers[0].weights_read, 2 * 7 * 64);
}

TEST(TensorrtLayers, QuantisedWeightsAreWeights) {
  TestGraph g;
  const ValueId weights =
      g.node(DequantizeLinear{0}, {g.constant(Tensor({DType::kI8, {64, 32}})), g.scalar(0.1)});
  const auto layers =
      tensorrt_layers(g.finish({g.node(MatMul{}, {g.input({1, 50, 64}), weights})}));
  EXPECT_EQ(families(layers), (std::vector{Family::kPointwise}));
  EXPECT_EQ(layers[0].weights_read, 64 * 32);
}

TEST(TensorrtLayers, NothingJoinsAnOpThatIsNotKnown) {
  TestGraph g;
  Opaque unknown;
  unknown.op_type = "Foo";
  unknown.types = {{DType::kF32, {1, 16, 8, 8}}};
  const ValueId y = g.node(unknown, {g.input({1, 16, 8, 8})});
  EXPECT_EQ(tensorrt_layers(g.finish({g.unary(UnaryKind::kExp, y)})).size(), 2U);
}

/// softmax(q @ k^T) @ v of two heads, with a projection before and after.
Graph attention() {
  TestGraph g;
  const ValueId packed = g.linear(g.input({1, 50, 32}), 96);
  const ValueId heads = g.transpose(g.reshape(packed, {1, 50, 3, 2, 16}), {2, 0, 3, 1, 4});
  std::vector<ValueId> parts = g.nodes(Split{0, {1, 1, 1}}, {heads});
  for (ValueId& part : parts) part = g.reshape(part, {1, 2, 50, 16});
  const ValueId scores = g.node(MatMul{.transpose_b = true}, {parts[0], parts[1]});
  const ValueId mixed = g.node(MatMul{}, {g.node(Softmax{3}, {scores}), parts[2]});
  return g.finish({g.linear(g.reshape(g.transpose(mixed, {0, 2, 1, 3}), {1, 50, 32}), 32)});
}

TEST(TensorrtLayers, FromTensorrt8_5OnAnAttentionIsOneKernelThatReadsItsOperandsInPlace) {
  const Graph graph = *prepared_for_tensorrt(attention(), Fusion::kTensorrt10);
  const auto layers = tensorrt_layers(graph, Fusion::kTensorrt10);
  ASSERT_EQ(families(layers),
            (std::vector{Family::kPointwise, Family::kProduct, Family::kPointwise}));
  EXPECT_EQ(layers[1].ops, "Attention");
  EXPECT_EQ(layers[1].product.batch, 2);
  EXPECT_EQ(layers[1].product.columns, 50);
  EXPECT_EQ(layers[1].product.inner, 32);
  EXPECT_EQ(layers[1].elements_read, 50 * 96);
  EXPECT_EQ(layers[1].elements_written, 50 * 32);
  const auto before = tensorrt_layers(*prepared_for_tensorrt(attention()));
  EXPECT_EQ(std::ranges::count(families(before), Family::kProduct), 2);
  EXPECT_EQ(std::ranges::count(families(before), Family::kSoftmax), 1);
}

TEST(TensorrtLayers, FromTensorrt8_5OnElementwiseOpsFollowTheProductThatMakesTheirOperand) {
  TestGraph g;
  const ValueId x = g.input({1, 16, 8, 8});
  const ValueId y = convolve(g, x, 16, 3);
  const ValueId swish = g.mul(y, g.unary(UnaryKind::kSigmoid, y));
  const Graph gated = g.finish({g.add(swish, x)});
  EXPECT_EQ(tensorrt_layers(gated).size(), 2U);
  const auto layers = tensorrt_layers(gated, Fusion::kTensorrt10);
  ASSERT_EQ(layers.size(), 1U);
  EXPECT_EQ(layers[0].ops, "Conv + Sigmoid + Mul + Add");
  EXPECT_EQ(layers[0].elements_written, 16 * 64);

  TestGraph h;  // y is needed elsewhere
  const ValueId z = convolve(h, h.input({1, 16, 8, 8}), 16, 3);
  const ValueId other = h.mul(z, h.unary(UnaryKind::kSigmoid, z));
  EXPECT_EQ(tensorrt_layers(h.finish({other, z}), Fusion::kTensorrt10).size(), 2U);
}

TEST(TensorrtLayers, BeforeTensorrt7EachSumIsAKernel) {
  TestGraph g;
  const ValueId x = g.input({1, 16, 8, 8});
  const ValueId sum = g.add(g.add(convolve(g, x, 16, 3), x), x);
  const Graph graph = g.finish({g.unary(UnaryKind::kRelu, sum), sum});
  EXPECT_EQ(families(tensorrt_layers(graph, Fusion::kTensorrt6)),
            (std::vector{Family::kConvolution, Family::kElementwise, Family::kElementwise}));
}

}  // namespace
}  // namespace nitro::predict
