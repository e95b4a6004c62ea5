#include "plan/lowering_case.h"
#include "plan/testing_graphs.h"

namespace nitro::plan {
namespace {

using passes::TestGraph;

std::vector<const Gemm*> products(LoweredGraph& lowered) {
  std::vector<const Gemm*> found;
  for (const Step& step : lowered.plan().steps) {
    if (const auto* gemm = std::get_if<Gemm>(&step.kernel)) found.push_back(gemm);
  }
  return found;
}

DType dtype_of(LoweredGraph& lowered, const MatrixView& view) {
  return lowered.plan().buffers[view.buffer].type.dtype;
}

TEST(ProductIntegers, AQuantisedMlpPassesIntegersOn) {
  const auto lowered = expect_lowers(quantised_mlp());
  const auto gemms = products(*lowered);
  ASSERT_EQ(gemms.size(), 2U) << lowered->steps();
  EXPECT_EQ(dtype_of(*lowered, gemms[0]->a), DType::kU8);
  EXPECT_EQ(dtype_of(*lowered, gemms[0]->out), DType::kI8);
  EXPECT_EQ(gemms[0]->out.buffer, gemms[1]->a.buffer);
  EXPECT_EQ(gemms[0]->activation, Activation::kGelu);
  EXPECT_EQ(gemms[0]->zero, -3);
  EXPECT_NE(gemms[1]->residual.buffer, kNoBuffer);
  for (const Gemm* gemm : gemms) EXPECT_EQ(dtype_of(*lowered, gemm->b), DType::kI8);
  EXPECT_EQ(lowered->count<Loop>(), 1U) << lowered->steps();  // LayerNorm and rounding
}

TEST(ProductIntegers, ReadersOfOneValueMultiplyItEach) {
  TestGraph g;
  Bytes bytes{g};
  const ValueId x = bytes.rounded(g.input({5, 16}), 0.02, 1);
  const auto lowered =
      expect_lowers(g.finish({bytes.linear(x, 8), g.unary(UnaryKind::kTanh, bytes.linear(x, 12)),
                              g.transpose(x, {1, 0})}));
  for (const Gemm* gemm : products(*lowered)) {
    EXPECT_EQ(dtype_of(*lowered, gemm->a), DType::kI8) << lowered->steps();
  }
}

TEST(ProductIntegers, WeightsAlone) {
  TestGraph g;
  Bytes bytes{g};
  const ValueId x = g.input({2, 5, 16});
  const ValueId plain = bytes.per_axis(bytes.weights({12, 16}), 0);
  const ValueId y = g.node(MatMul{.transpose_b = true}, {g.layer_norm(x), plain});
  const auto lowered = expect_lowers(g.finish({g.unary(UnaryKind::kRelu, y)}));
  const auto gemms = products(*lowered);
  ASSERT_EQ(gemms.size(), 1U);
  EXPECT_EQ(dtype_of(*lowered, gemms[0]->b), DType::kI8);
  EXPECT_EQ(dtype_of(*lowered, gemms[0]->a), DType::kF16);
  EXPECT_FALSE(gemms[0]->normalize) << "integers cannot take a scale of each row";
}

TEST(ProductIntegers, UnsignedWeightsAroundTheirZero) {
  TestGraph g;
  Bytes bytes{g};
  const ValueId x = bytes.rounded(g.input({5, 16}), 0.02);
  const ValueId near = g.values({16, 2}, std::vector<double>(32, 130), DType::kU8);
  const ValueId far = bytes.weights({16, 8}, DType::kU8);
  const auto lowered =
      expect_lowers(g.finish({g.node(MatMul{}, {x, bytes.dequantized(near, 0.01, 128, DType::kU8)}),
                              g.node(MatMul{}, {x, bytes.dequantized(far, 0.01, 0, DType::kU8)})}));
  const auto gemms = products(*lowered);
  ASSERT_EQ(gemms.size(), 2U);
  EXPECT_EQ(dtype_of(*lowered, gemms[0]->b), DType::kI8);
  EXPECT_NE(dtype_of(*lowered, gemms[1]->b), DType::kI8) << "beyond 127";
}

TEST(ProductIntegers, TwoThatAreMade) {
  TestGraph g;
  Bytes bytes{g};
  const ValueId q = g.input({2, 3, 5, 16}), k = g.input({2, 3, 9, 16});
  const auto scores = [&](double zero) {
    const MatMul op{.transpose_b = true, .alpha = 0.25};
    return g.node(op, {bytes.rounded(q, 0.03, zero), bytes.rounded(k, 0.04)});
  };
  const auto lowered = expect_lowers(g.finish({scores(0), scores(2)}));
  const auto gemms = products(*lowered);
  ASSERT_EQ(gemms.size(), 2U);
  EXPECT_EQ(dtype_of(*lowered, gemms[0]->b), DType::kI8);
  EXPECT_EQ(gemms[0]->column_scales, kNoBuffer);
  EXPECT_NE(dtype_of(*lowered, gemms[1]->a), DType::kI8) << "a zero needs sums of b";
}

TEST(ProductIntegers, ScalesAlongTheSumAreLeftToFloats) {
  TestGraph g;
  Bytes bytes{g};
  const ValueId x = bytes.rounded(g.input({5, 16}), 0.02);
  const ValueId along_k = bytes.per_axis(bytes.weights({16, 8}), 0);
  const auto lowered = expect_lowers(g.finish({g.node(MatMul{}, {x, along_k})}));
  const auto gemms = products(*lowered);
  ASSERT_EQ(gemms.size(), 1U);
  EXPECT_FALSE(is_byte(dtype_of(*lowered, gemms[0]->b)));
}

TEST(ProductIntegers, PatchesOfAQuantisedImage) {
  TestGraph g;
  Bytes bytes{g};
  const ValueId image = bytes.rounded(g.input({1, 3, 8, 8}), 0.02);
  const ValueId weights = bytes.per_axis(bytes.weights({8, 3, 4, 4}), 0);
  const Conv op{{4, 4}, {1, 1}, {0, 0}, {0, 0}, 1};
  const auto lowered = expect_lowers(g.finish({g.node(op, {image, weights, g.weight({8})})}));
  const auto gemms = products(*lowered);
  ASSERT_EQ(gemms.size(), 1U);
  EXPECT_EQ(dtype_of(*lowered, gemms[0]->a), DType::kI8);
  EXPECT_EQ(dtype_of(*lowered, gemms[0]->b), DType::kI8);
}

}  // namespace
}  // namespace nitro::plan
