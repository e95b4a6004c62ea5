#include <gtest/gtest.h>

#include "cost/cost.h"

namespace nitro::cost {
namespace {

/// Cost of `op` on f32 operands of the given shapes.
Cost cost_case(const Op& op, const std::vector<Shape>& shapes) {
  Graph graph;
  std::vector<ValueId> operands;
  for (const Shape& shape : shapes) operands.push_back(graph.add_input("", {DType::kF32, shape}));
  EXPECT_TRUE(graph.add_node(op, operands));
  return cost_of(graph, graph.node(0));
}

TEST(CostLinear, MatMulIsTwoPerMultiplyAdd) {
  const Cost cost = cost_case(MatMul{}, {{2, 3, 4}, {4, 5}});
  EXPECT_EQ(cost.flops, 2 * 2 * 3 * 4 * 5);
  EXPECT_EQ(cost.bytes_read, 4 * (24 + 20));
  EXPECT_EQ(cost.bytes_written, 4 * 30);
}

TEST(CostLinear, FirstConvOfResnet) {
  const Conv op{{2, 2}, {1, 1}, {3, 3}, {3, 3}, 1};
  EXPECT_EQ(cost_case(op, {{1, 3, 224, 224}, {64, 3, 7, 7}}).flops,
            2.0 * 64 * 112 * 112 * 3 * 7 * 7);
}

TEST(CostLinear, DepthwiseAndTransposedConv) {
  const Conv depthwise{{1, 1}, {1, 1}, {1, 1}, {1, 1}, 8};
  EXPECT_EQ(cost_case(depthwise, {{1, 8, 10, 10}, {8, 1, 3, 3}, {8}}).flops, 800 * 18 + 800);
  const ConvTranspose transposed{{2}, {1}, {0}, {0}, {0}, 1};
  EXPECT_EQ(cost_case(transposed, {{1, 2, 10}, {2, 3, 2}}).flops, 2 * 20 * 3 * 2);
}

TEST(CostLinear, CausalAttentionSkipsMaskedPairs) {
  const std::vector<Shape> operands{{1, 2, 4, 8}, {1, 2, 4, 8}, {1, 2, 4, 8}};
  const double full = cost_case(Attention{}, operands).flops;
  EXPECT_EQ(full, 2 * 16 * (2 * 16 + 6));
  EXPECT_EQ(cost_case(Attention{0, 0, 1, true}, operands).flops, full * 10 / 16);
}

TEST(CostLinear, EinsumEqualsItsMatMul) {
  EXPECT_EQ(cost_case(Einsum{"ij,jk->ik"}, {{3, 4}, {4, 5}}).flops, 2 * 3 * 4 * 5);
  EXPECT_EQ(cost_case(Einsum{"ij->ji"}, {{3, 4}}).flops, 0);
}

TEST(CostPooling, NearestResizeReadsWhatItDelivers) {
  Resize op;
  op.scales = {0.5};
  op.sizes = {4};
  const Cost cost = cost_case(op, {{8}});
  EXPECT_EQ(cost.flops, 0);
  EXPECT_EQ(cost.bytes_read, 16);
}

}  // namespace
}  // namespace nitro::cost
