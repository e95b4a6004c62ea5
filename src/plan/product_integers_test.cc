#include "plan/lowering_case.h"

namespace nitro::plan {
namespace {

using passes::TestGraph;

/// Quantised values in a graph.
struct Bytes {
  TestGraph& g;

  ValueId weights(Shape shape, DType dtype = DType::kI8) {
    std::vector<double> numbers(static_cast<size_t>(element_count(shape)));
    for (double& number : numbers) {
      number = static_cast<double>(random.below(255)) - (dtype == DType::kI8 ? 127 : 0);
    }
    return g.values(std::move(shape), numbers, dtype);
  }
  /// One scale for each index along `axis`.
  ValueId per_axis(ValueId integers, int64_t axis) {
    std::vector<double> scales(static_cast<size_t>(g.shape(integers)[static_cast<size_t>(axis)]));
    for (double& scale : scales) scale = 0.001 * static_cast<double>(1 + random.below(9));
    const ValueId constant = g.values({static_cast<int64_t>(scales.size())}, scales);
    return g.node(DequantizeLinear{axis}, {integers, constant});
  }
  ValueId dequantized(ValueId integers, double scale, double zero, DType dtype) {
    return g.node(DequantizeLinear{}, {integers, g.scalar(scale), g.scalar(zero, dtype)});
  }
  ValueId quantized(ValueId x, double scale, double zero, DType dtype) {
    return g.node(QuantizeLinear{}, {x, g.scalar(scale), g.scalar(zero, dtype)});
  }
  /// Rounded to what 8 bits hold.
  ValueId rounded(ValueId x, double scale, double zero = 0, DType dtype = DType::kI8) {
    return dequantized(quantized(x, scale, zero, dtype), scale, zero, dtype);
  }
  ValueId linear(ValueId x, int64_t out) {
    return g.node(MatMul{}, {x, per_axis(weights({g.shape(x).back(), out}), 1)});
  }

  Random random{5};
};

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
  TestGraph g;
  Bytes bytes{g};
  const ValueId x = g.input({1, 7, 24});
  ValueId y = bytes.rounded(g.layer_norm(x), 0.03, 5, DType::kU8);
  y = g.node(Gelu{}, {g.add(bytes.linear(y, 40), g.weight({40}))});
  y = g.add(x, bytes.linear(bytes.rounded(y, 0.05, -3), 24));
  const auto lowered = expect_lowers(g.finish({y}));
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
  const auto lowered = expect_lowers(g.finish(
      {bytes.linear(x, 8), g.unary(UnaryKind::kTanh, bytes.linear(x, 12)), g.transpose(x, {1, 0})}));
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
  const auto lowered = expect_lowers(
      g.finish({g.node(MatMul{}, {x, bytes.dequantized(near, 0.01, 128, DType::kU8)}),
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
