#include "passes/testing.h"

namespace nitro::passes {
namespace {

/// The op alone on random inputs of these shapes becomes several that give the same.
Graph expect_split(const Op& op, const std::vector<Shape>& shapes, double tolerance = 1e-5,
                   const Parameters& parameters = {}) {
  TestGraph g;
  std::vector<ValueId> operands;
  for (const Shape& shape : shapes) operands.push_back(g.input(shape));
  return expect_rewrite(split_fused_ops, g.finish({g.node(op, operands)}), tolerance, parameters);
}

TEST(SplitFusedOps, Normalizations) {
  EXPECT_EQ(
      count<LayerNormalization>(expect_split(LayerNormalization{2, 1e-5}, {{2, 3, 8}, {8}, {8}})),
      0U);
  EXPECT_EQ(
      count<LayerNormalization>(expect_split(LayerNormalization{1, 1e-3}, {{2, 3, 8}, {3, 8}})),
      0U);
  EXPECT_EQ(count<RMSNormalization>(expect_split(RMSNormalization{2, 1e-5}, {{2, 3, 8}, {8}})), 0U);
  const Graph sum =
      expect_split(SkipLayerNormalization{1e-5}, {{2, 3, 8}, {2, 3, 8}, {8}, {8}, {8}});
  EXPECT_EQ(count<SkipLayerNormalization>(sum) + count<LayerNormalization>(sum), 0U);
  EXPECT_EQ(count(sum, BinaryKind::kPow), 0U) << "f16 does that by way of a logarithm";
}

TEST(SplitFusedOps, NormalizationsInF16AreDoneInF32) {
  TestGraph g;
  const ValueId large = g.mul(g.input({3, 8}, DType::kF16), g.scalar(400, DType::kF16));
  const ValueId ones = g.values({8}, std::vector<double>(8, 1), DType::kF16);
  const Graph after = expect_rewrite(
      split_fused_ops, g.finish({g.node(LayerNormalization{1, 1e-12}, {large, ones})}), 2e-3);
  EXPECT_EQ(count<Cast>(after), 2U);
}

TEST(SplitFusedOps, ConstantKeysOfAnAttention) {
  TestGraph g;
  const ValueId q = g.input({1, 2, 5, 4});
  const ValueId k = g.weight({1, 2, 7, 4}), v = g.weight({1, 2, 7, 4});
  expect_rewrite(split_fused_ops, g.finish({g.node(Attention{.scale = 0.5}, {q, k, v})}));
}

TEST(SplitFusedOps, ANormalizationWhoseMeanIsReadStays) {
  TestGraph g;
  const auto y = g.nodes(LayerNormalization{1, 1e-5}, {g.input({3, 8}), g.weight({8})});
  expect_unchanged(split_fused_ops, g.finish({y[0], y[1]}));
}

TEST(SplitFusedOps, Activations) {
  for (const bool tanh : {false, true}) {
    expect_split(Gelu{tanh}, {{2, 3, 8}});
    expect_split(Gelu{tanh}, {{2, 3, 8}, {8}});
  }
  for (const UnaryKind kind : {UnaryKind::kHardSwish, UnaryKind::kMish, UnaryKind::kReciprocal})
    expect_split(Unary{kind}, {{3, 5}});
  TestGraph g;
  expect_unchanged(split_fused_ops, g.finish({g.unary(UnaryKind::kErf, g.input({3, 5}))}));
}

TEST(SplitFusedOps, Products) {
  expect_split(MatMul{.transpose_b = true, .alpha = 0.5}, {{2, 3, 4}, {2, 5, 4}});
  expect_split(MatMul{.transpose_a = true}, {{4, 3}, {4, 5}});
  TestGraph g;
  expect_unchanged(split_fused_ops,
                   g.finish({g.node(MatMul{}, {g.input({3, 4}), g.input({4, 2})})}));
}

TEST(SplitFusedOps, Attentions) {
  const Shape tokens{2, 5, 12};
  expect_split(Attention{.heads = 3, .key_heads = 3, .scale = 0.5}, {tokens, tokens, tokens});
  expect_split(Attention{.heads = 6, .key_heads = 3, .scale = 0.5, .softcap = 2},
               {{2, 5, 12}, {2, 7, 6}, {2, 7, 6}});
  expect_split(Attention{.scale = 1, .causal = true}, {{2, 3, 5, 4}, {2, 3, 5, 4}, {2, 3, 5, 4}});
  expect_split(Attention{.scale = 0.3}, {{2, 3, 5, 4}, {2, 3, 6, 4}, {2, 3, 6, 4}, {1, 1, 5, 6}});
  expect_split(ProjectedAttention{3, 0.5}, {{2, 5, 8}, {8, 36}, {36}, {1, 3, 5, 5}});
}

TEST(SplitFusedOps, ConvolutionsOverOneAxis) {
  const Conv one{{2}, {2}, {1}, {3}, 2};
  const Graph after = expect_split(one, {{2, 4, 9}, {6, 2, 3}, {6}});
  EXPECT_EQ(count<Conv>(after), 1U);
  EXPECT_EQ(after.type(after.inputs()[0]).rank(), 3);
  expect_split(one, {{2, 4, 9}, {6, 2, 3}});
  TestGraph g;
  const Conv two{{1, 1}, {1, 1}, {1, 1}, {1, 1}, 1};
  expect_unchanged(split_fused_ops,
                   g.finish({g.node(two, {g.input({1, 2, 5, 5}), g.input({3, 2, 3, 3})})}));
}

TEST(SplitFusedOps, WhatIsKeptStays) {
  const Conv conv{{1}, {1}, {0}, {0}, 1};
  for (const auto& [name, op, shapes] :
       std::vector<std::tuple<std::string, Op, std::vector<Shape>>>{
           {"LayerNormalization", LayerNormalization{1, 1e-5}, {{3, 8}, {8}}},
           {"Gelu", Gelu{}, {{3, 8}}},
           {"HardSwish", Unary{UnaryKind::kHardSwish}, {{3, 8}}},
           {"Mish", Unary{UnaryKind::kMish}, {{3, 8}}},
           {"Reciprocal", Unary{UnaryKind::kReciprocal}, {{3, 8}}},
           {"Conv", conv, {{1, 2, 5}, {3, 2, 3}}},
           {"Pad", Pad{{0, 1, 0, 0}, {0, 0, 1, 0}}, {{1, 2, 3, 3}}}}) {
    TestGraph g;
    std::vector<ValueId> operands;
    for (const Shape& shape : shapes) operands.push_back(g.input(shape));
    Graph graph = g.finish({g.node(op, operands)});
    EXPECT_FALSE(*split_fused_ops(graph, {{"keep", "Abs " + name}})) << name;
    EXPECT_TRUE(*split_fused_ops(graph, {{"keep", "Abs MatMul"}})) << name;
  }
}

TEST(SplitFusedOps, PartsThatAreKept) {
  const Parameters keep = {{"keep", "Gelu LayerNormalization MatMul"}};
  EXPECT_EQ(count<Gelu>(expect_split(Gelu{}, {{2, 3, 8}, {8}}, 1e-5, keep)), 1U);
  const Graph sum =
      expect_split(SkipLayerNormalization{1e-5}, {{2, 3, 8}, {2, 3, 8}, {8}, {8}, {8}}, 1e-5, keep);
  EXPECT_EQ(count<SkipLayerNormalization>(sum), 0U);
  EXPECT_EQ(count<LayerNormalization>(sum), 1U);
  expect_split(MatMul{.transpose_b = true}, {{2, 3, 4}, {2, 5, 4}}, 1e-5, keep);
}

TEST(SplitFusedOps, Paddings) {
  Pad ones{{0, 0, 1, 0}, {0, 0, 0, 2}, PadMode::kConstant, 1};
  EXPECT_EQ(count<Pad>(expect_split(ones, {{1, 2, 3, 3}})), 0U);
  EXPECT_EQ(count<Pad>(expect_split(Pad{{0, 1, 0, 0}, {0, 0, 1, 0}}, {{1, 2, 3, 3}})), 0U);
  for (const Pad& stays : {Pad{{0, 0, 1, 1}, {0, 0, 1, 1}}, Pad{{0, 0, -1, 0}, {0, 1, 0, 0}},
                           Pad{{0, 1, 1, 1}, {0, 0, 1, 1}, PadMode::kEdge}}) {
    TestGraph g;
    expect_unchanged(split_fused_ops, g.finish({g.node(stays, {g.input({1, 2, 3, 3})})}));
  }
}

}  // namespace
}  // namespace nitro::passes
