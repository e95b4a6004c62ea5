#include "plan/lower.h"

#include "ir/random_graph.h"
#include "passes/testing_swin.h"
#include "plan/lowering_case.h"

namespace nitro::plan {
namespace {

using passes::TestGraph;
using passes::TestSwin;

TEST(Lower, SwinInFiveStepsPerBlock) {
  for (int64_t batch : {1, 2}) {
    const auto lowered = expect_lowers(TestSwin(batch).build());
    EXPECT_EQ(lowered->count<Attention>(), 3U);
    // Patches, four for each block, the merging, the head.
    EXPECT_EQ(lowered->count<Gemm>(), 1U + 3 * 4 + 1 + 1) << lowered->steps();
    // LayerNorm of the patches (read twice) and of the result, pooling.
    EXPECT_EQ(lowered->count<Loop>(), 3U) << lowered->steps();
  }
}

TEST(Lower, PreparingTwiceChangesNothing) {
  const auto once = prepare(TestSwin().build());
  ASSERT_TRUE(once.has_value());
  const auto twice = prepare(*once);
  ASSERT_TRUE(twice.has_value());
  EXPECT_TRUE(equal(*once, *twice));
}

TEST(Lower, IsDeterministic) {
  const auto graph = prepare(TestSwin().build());
  const auto a = lower(*graph), b = lower(*graph);
  ASSERT_TRUE(a && b);
  ASSERT_EQ(a->steps.size(), b->steps.size());
  for (size_t i = 0; i < a->steps.size(); ++i) {
    EXPECT_EQ(a->steps[i].name, b->steps[i].name);
    EXPECT_EQ(a->steps[i].kernel, b->steps[i].kernel);
    EXPECT_EQ(a->steps[i].origins, b->steps[i].origins);
  }
  ASSERT_EQ(a->buffers.size(), b->buffers.size());
  for (size_t i = 0; i < a->buffers.size(); ++i) {
    EXPECT_EQ(a->buffers[i].place, b->buffers[i].place);
    EXPECT_EQ(a->buffers[i].constant, b->buffers[i].constant);
  }
}

TEST(Lower, KeepsAllOrigins) {
  const auto graph = prepare(TestSwin().build());
  const auto plan = lower(*graph);
  ASSERT_TRUE(plan.has_value());
  std::set<OriginId> wanted, got;
  for (const Node& node : graph->nodes()) wanted.insert(node.origins.begin(), node.origins.end());
  for (const Step& step : plan->steps) {
    EXPECT_FALSE(step.origins.empty()) << step.name;
    got.insert(step.origins.begin(), step.origins.end());
  }
  EXPECT_EQ(wanted, got);
}

TEST(Lower, TinyWeightsKeepTheirDigits) {
  TestGraph g;
  const ValueId x = g.input({5, 16});
  const ValueId scale = g.mul(g.positive({8}), g.scalar(1e-7));
  const ValueId tiny = g.mul(g.linear(g.layer_norm(x), 8), scale);
  const auto lowered = expect_lowers(g.finish({tiny}));
  EXPECT_EQ(lowered->count<Gemm>(), 1U) << lowered->steps();
}

ValueId conv(TestGraph& g, ValueId x, int64_t out, int64_t kernel, int64_t stride, int64_t pad,
             int64_t group = 1) {
  const int64_t in = g.shape(x)[1];
  const Conv op{{stride, stride}, {1, 1}, {pad, pad}, {pad, pad}, group};
  return g.node(op, {x, g.weight({out, in / group, kernel, kernel}), g.weight({out})});
}

TEST(Lower, ConvolutionsAreProducts) {
  TestGraph g;
  const ValueId x = g.input({2, 3, 9, 9});
  ValueId y = g.unary(UnaryKind::kHardSwish, conv(g, x, 8, 3, 2, 1));
  const ValueId gate = g.mul(conv(g, y, 8, 1, 1, 0), g.unary(UnaryKind::kSigmoid, y));
  ValueId z = conv(g, gate, 8, 3, 1, 1);
  z = g.unary(UnaryKind::kRelu, g.add(z, y));
  z = g.unary(UnaryKind::kRelu, conv(g, z, 8, 3, 1, 1, 8));
  const auto lowered =
      expect_lowers(g.finish({g.node(Reduce{ReduceKind::kMean, {2, 3}, false}, {z})}));
  EXPECT_EQ(lowered->count<Gemm>(), 3U) << lowered->steps();
  // The first padding; the gate with the second; the sum; the depthwise convolution; the mean.
  EXPECT_LE(lowered->count<Loop>(), 6U) << lowered->steps();
}

TEST(Lower, ImagesHaveTheirChannelsLast) {
  TestGraph g;
  ValueId y = conv(g, g.input({1, 3, 16, 16}), 16, 3, 1, 1);
  y = g.unary(UnaryKind::kRelu, conv(g, y, 16, 3, 1, 1, 16));
  y = g.add(y, conv(g, y, 16, 3, 1, 1));
  const auto lowered =
      expect_lowers(g.finish({g.node(Reduce{ReduceKind::kMean, {2, 3}, false}, {y})}));
  EXPECT_EQ(lowered->plan().steps.size(), 6U) << lowered->steps();
  const auto& product = std::get<Gemm>(lowered->plan().steps[4].kernel);
  EXPECT_EQ(product.a.run, 8);
  EXPECT_EQ(product.residual.run, 8);
  EXPECT_EQ(product.out, (MatrixView{.buffer = product.out.buffer, .row_stride = 16, .run = 8}));
}

TEST(Lower, ColumnsAreReadInTheOrderOfMemory) {
  TestGraph g;
  const ValueId x = g.unary(UnaryKind::kExp, g.input({6, 4, 8}));
  const ValueId turned = g.reshape(g.transpose(x, {0, 2, 1}), {6, 32});
  const auto lowered = expect_lowers(g.finish({g.linear(g.layer_norm(turned), 5), x}));
  const Step& last = lowered->plan().steps.back();
  ASSERT_TRUE(std::holds_alternative<Gemm>(last.kernel)) << lowered->steps();
  const auto& product = std::get<Gemm>(last.kernel);
  EXPECT_TRUE(product.normalize);
  EXPECT_EQ(product.a, (MatrixView{.buffer = product.a.buffer, .row_stride = 32, .run = 8}));
}

TEST(Lower, WorkAfterMovementGoesIntoTheProduct) {
  TestGraph g;
  const ValueId x = g.input({1, 8, 4, 4});
  const ValueId rows = g.reshape(g.transpose(x, {0, 2, 3, 1}), {1, 4, 4, 8});
  const ValueId back = g.transpose(g.linear(rows, 8), {0, 3, 1, 2});
  const ValueId scaled = g.mul(back, g.weight({8, 1, 1}));
  const auto lowered = expect_lowers(g.finish({g.add(scaled, x)}));
  EXPECT_EQ(lowered->plan().steps.size(), 1U) << lowered->steps();
}

TEST(Lower, ASharedSigmoidGatesItsOwnInput) {
  TestGraph g;
  const ValueId sum = g.linear(g.input({5, 16}), 24);
  const auto lowered = expect_lowers(g.finish({g.mul(sum, g.unary(UnaryKind::kSigmoid, sum))}));
  ASSERT_EQ(lowered->plan().steps.size(), 1U) << lowered->steps();
  EXPECT_EQ(std::get<Gemm>(lowered->plan().steps[0].kernel).activation, Activation::kSilu);
}

TEST(Lower, LayerScaleAndResidualGoIntoTheProduct) {
  TestGraph g;
  const ValueId x = g.input({2, 5, 16});
  const ValueId y = g.mul(g.linear(g.layer_norm(x), 16), g.weight({16}));
  const auto lowered = expect_lowers(g.finish({g.add(x, y)}));
  EXPECT_EQ(lowered->plan().steps.size(), 1U) << lowered->steps();
}

TEST(Lower, BatchNormalizationGoesIntoTheProduct) {
  TestGraph g;
  const ValueId rows = g.reshape(g.linear(g.input({2, 5, 16}), 8), {10, 8});
  const ValueId norm = g.node(BatchNormalization{1e-5},
                              {rows, g.weight({8}), g.weight({8}), g.weight({8}), g.positive({8})});
  const auto lowered = expect_lowers(g.finish({g.unary(UnaryKind::kRelu, norm)}));
  EXPECT_EQ(lowered->plan().steps.size(), 1U) << lowered->steps();
}

TEST(Lower, AConstantOfTheWholeShapeIsAResidual) {
  TestGraph g;
  const ValueId y = g.add(g.linear(g.input({2, 5, 16}), 8), g.weight({1, 5, 8}));
  const auto lowered = expect_lowers(g.finish({y}));
  EXPECT_EQ(lowered->plan().steps.size(), 1U) << lowered->steps();
}

TEST(Lower, ProductsOfTwoValues) {
  TestGraph g;
  const ValueId a = g.input({2, 3, 4, 8}), b = g.input({2, 3, 8, 5});
  const ValueId plain = g.node(MatMul{}, {a, b});
  const ValueId c = g.input({2, 3, 4, 5});
  const ValueId other = g.node(MatMul{.transpose_a = true, .alpha = 0.5}, {plain, c});
  const ValueId broadcast = g.node(MatMul{}, {g.input({3, 4, 8}), g.input({2, 1, 8, 5})});
  const auto lowered = expect_lowers(g.finish({g.node(Softmax{3, false}, {other}), broadcast}));
  EXPECT_EQ(lowered->count<Gemm>(), 2U) << lowered->steps();
}

TEST(Lower, ProductWithTransposedOperandsAndBatchesBelowEachOther) {
  TestGraph g;
  const ValueId a = g.input({2, 6, 4}), b = g.weight({3, 6});
  const ValueId y = g.node(MatMul{.transpose_a = true, .transpose_b = true, .alpha = 2}, {a, b});
  const auto lowered =
      expect_lowers(g.finish({y, g.node(nitro::Gemm{.alpha = 0.5, .beta = 2},
                                        {g.input({4, 6}), g.weight({6, 5}), g.weight({1, 5})})}));
  EXPECT_EQ(lowered->plan().steps.size(), 2U) << lowered->steps();
}

TEST(Lower, AttentionOfHeadsReadsTheProjection) {
  TestGraph g;
  const ValueId qkv = g.linear(g.input({2, 7, 24}), 72);
  const ValueId heads = g.transpose(g.reshape(qkv, {2, 7, 3, 3, 8}), {2, 0, 3, 1, 4});
  const auto pick = [&](double i) {
    return g.node(Gather{0}, {heads, g.constant(Tensor::scalar(DType::kI64, i))});
  };
  const nitro::Attention op{.heads = 3, .key_heads = 3, .scale = 0.3, .causal = true};
  const ValueId mixed = g.node(op, {pick(0), pick(1), pick(2)});
  const ValueId y = g.linear(g.reshape(g.transpose(mixed, {0, 2, 1, 3}), {2, 7, 24}), 24);
  const auto lowered = expect_lowers(g.finish({y}));
  EXPECT_EQ(lowered->plan().steps.size(), 3U) << lowered->steps();
}

TEST(Lower, AttentionMasks) {
  TestGraph g;
  const ValueId q = g.input({4, 2, 5, 8}), k = g.input({4, 2, 6, 8}), v = g.input({4, 2, 6, 8});
  std::vector<double> seen;
  for (int i = 0; i < 5 * 6; ++i) seen.push_back(i % 4 != 1 ? 1 : 0);
  const ValueId mask = g.values({5, 6}, seen, DType::kBool);
  const nitro::Attention op{.heads = 2, .key_heads = 2, .scale = 0.3};
  const ValueId masked = g.node(op, {q, k, v, mask});
  std::vector<double> repeated;
  for (int i = 0; i < 4 * 5 * 6; ++i)
    repeated.push_back(0.01 * (i % 60) - (i % 7 == 0 ? 1e9 : 0) * (i % 60 < 30 ? 1 : 0));
  for (int i = 60; i < 120; ++i)
    repeated[static_cast<size_t>(i)] = repeated[static_cast<size_t>(i - 60)];
  const ValueId biased = g.node(op, {q, k, v, g.values({4, 1, 5, 6}, repeated)});
  const ValueId computed = g.node(op, {q, k, v, g.unary(UnaryKind::kNeg, g.input({1, 2, 1, 6}))});
  std::vector<double> none = seen;
  for (size_t i = 6; i < 12; ++i) none[i] = 0;
  const ValueId blind = g.node(op, {q, k, v, g.values({5, 6}, none, DType::kBool)});
  const auto lowered = expect_lowers(g.finish({masked, biased, computed, blind}));
  EXPECT_EQ(lowered->count<Attention>(), 3U) << lowered->steps();
  std::vector<int64_t> periods;
  for (const Step& step : lowered->plan().steps) {
    if (const auto* attention = std::get_if<Attention>(&step.kernel))
      periods.push_back(attention->bias_batches);
  }
  EXPECT_EQ(periods, (std::vector<int64_t>{1, 2, 1}));
}

TEST(Lower, OpsOfOtherRuntimes) {
  TestGraph g;
  const ValueId x = g.input({2, 5, 16}), skip = g.input({2, 5, 16});
  const auto sums = g.nodes(SkipLayerNormalization{1e-5},
                            {x, skip, g.positive({16}), g.weight({16}), g.weight({16})});
  const ValueId y =
      g.node(ProjectedAttention{2, 0.35}, {sums[0], g.weight({16, 48}), g.weight({48})});
  const ValueId z = g.node(Gelu{}, {g.node(MatMul{}, {y, g.weight({16, 32})}), g.weight({32})});
  const auto lowered = expect_lowers(g.finish({g.add(g.linear(z, 16), sums[1])}));
  EXPECT_EQ(lowered->count<Attention>(), 1U);
  EXPECT_EQ(lowered->count<Gemm>(), 3U);
  EXPECT_EQ(lowered->count<Loop>(), 1U) << lowered->steps();
}

TEST(Lower, OutputsOfAllKinds) {
  TestGraph g;
  const ValueId x = g.input({2, 6}), w = g.weight({3, 2});
  const ValueId y = g.linear(x, 8);
  const ValueId split = g.nodes(Split{1, {3, 5}}, {y})[1];
  const auto lowered =
      expect_lowers(g.finish({x, w, y, y, split, g.reshape(y, {4, 4}), g.transpose(x, {1, 0})}));
  EXPECT_EQ(lowered->count<Gemm>(), 1U);
}

TEST(Lower, SeveralMovedOutputsInOneStep) {
  TestGraph g;
  const ValueId y = g.layer_norm(g.input({3, 8}));
  const std::vector<ValueId> rows = g.nodes(Split{0, {1, 1, 1}}, {y});
  const auto lowered = expect_lowers(g.finish({rows[2], rows[0], g.reshape(rows[1], {8})}));
  EXPECT_EQ(lowered->plan().steps.size(), 2U) << lowered->steps();
}

TEST(Lower, ModalitiesInOneBatch) {
  Graph graph = TestSwin().build();
  const auto changed = passes::batch_modalities(graph, {{"modalities", "rgb,depth"}});
  ASSERT_TRUE(changed.has_value() && *changed);
  const auto lowered = expect_lowers(graph);
  EXPECT_EQ(lowered->count<Gemm>(), 1U + 3 * 4 + 1 + 1) << lowered->steps();
  // What one image needs, joining the images, parting the results.
  EXPECT_EQ(lowered->count<Loop>(), 3U + 2) << lowered->steps();
}

TEST(Lower, AMovedResultIsWrittenWhereItBelongs) {
  TestGraph g;
  const ValueId y = g.linear(g.input({1, 12, 8}), 4);
  const Graph graph = g.finish({g.transpose(g.reshape(y, {3, 4, 4}), {1, 0, 2})});
  LoweredGraph lowered(graph, Precision::kF32);
  expect_computes(graph, lowered);
  ASSERT_EQ(lowered.plan().steps.size(), 1U) << lowered.steps();
  EXPECT_NE(std::get<Gemm>(lowered.plan().steps[0].kernel).out.bases, kNoBuffer);
}

TEST(Lower, ALoopWritesAsItsReaderWants) {
  TestGraph g;
  const ValueId q = g.input({2, 3, 5, 8}), v = g.input({2, 3, 7, 8});
  const ValueId k = g.transpose(g.unary(UnaryKind::kExp, g.input({2, 3, 8, 7})), {0, 1, 3, 2});
  const nitro::Attention op{.heads = 3, .key_heads = 3, .scale = 0.3};
  const auto lowered = expect_lowers(g.finish({g.node(op, {q, k, v})}));
  EXPECT_EQ(lowered->plan().steps.size(), 2U) << lowered->steps();
}

TEST(Lower, SeveralResultsOfOneNode) {
  TestGraph g;
  const ValueId x = g.input({3, 10});
  const auto top = g.nodes(TopK{1, 4, true}, {g.unary(UnaryKind::kExp, x)});
  const auto norm = g.nodes(LayerNormalization{1, 1e-5}, {x, g.positive({10}), g.weight({10})});
  expect_lowers(g.finish({top[0], top[1], norm[0], norm[1]}));
}

TEST(Lower, NamesAllThatHasNoKernel) {
  TestGraph g;
  const ValueId x = g.input({2, 3});
  Opaque a{.domain = "", .op_type = "Mystery", .encoded = "", .types = {{DType::kF32, {2, 3}}}};
  Opaque b = a;
  b.op_type = "Riddle";
  const auto plan = lower(g.finish({g.node(b, {g.node(a, {x})})}));
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().code, ErrorCode::kUnsupportedOp);
  EXPECT_NE(plan.error().message.find("Mystery (n0)"), std::string::npos) << plan.error().text();
  EXPECT_NE(plan.error().message.find("Riddle (n1)"), std::string::npos) << plan.error().text();
}

TEST(Lower, RandomGraphs) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("graph " + std::to_string(seed));
    Random random(seed);
    const Graph graph = random_graph(random, 16);
    const auto prepared = prepare(graph);
    ASSERT_TRUE(prepared.has_value()) << prepared.error().text();
    LoweredGraph lowered(*prepared, Precision::kF32);
    expect_computes(graph, lowered, seed);
  }
}

}  // namespace
}  // namespace nitro::plan
