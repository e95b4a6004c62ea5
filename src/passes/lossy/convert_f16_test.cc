#include "ir/random_graph.h"
#include "passes/lossy/extremes.h"
#include "passes/lossy/testing_calibration.h"

namespace nitro::passes {
namespace {

constexpr double kUnit = 0x1p-11;  // what rounding to f16 changes at most

/// The extremes of all values on the inputs that expect_equivalent() compares with.
Calibration extremes_calibration(const Graph& graph) {
  Graph watched = graph;
  const ExtremesValue added = add_extremes_value(watched).value();
  const auto pairs =
      reference::execute(watched, random_inputs(graph, 7)).value().back().as<double>();
  const std::vector<std::string> names = onnx::exported_names(graph);
  Calibration calibration{graph_fingerprint(graph), "model.onnx", 1, {"rgb"}, {}};
  const auto finite = [](double x) { return std::isfinite(x) ? x : 0; };
  for (size_t i = 0; i < added.of.size(); ++i)
    calibration.extremes[names[added.of[i]]] = {std::min(0.0, finite(pairs[2 * i])),
                                                std::max(0.0, finite(pairs[2 * i + 1]))};
  return calibration;
}

Graph scanned(const Graph& graph, double units, Parameters parameters = {}) {
  const CalibrationFile file(extremes_calibration(graph));
  parameters["calibration"] = file.path();
  return expect_rewrite(convert_f16, graph, units * kUnit, parameters);
}

Graph converted(const Graph& graph, const Parameters& parameters = {}) {
  Graph after = graph;
  EXPECT_TRUE(convert_f16(after, parameters).value_or(false));
  return after;
}

/// Nodes that compute in f32.
size_t singles(const Graph& graph) {
  return static_cast<size_t>(std::ranges::count_if(graph.nodes(), [&](const Node& node) {
    return !std::holds_alternative<Cast>(node.op) &&
           graph.type(node.outputs[0]).dtype == DType::kF32;
  }));
}

bool is_finite(const Graph& graph) {
  const std::vector<Tensor> outputs = reference::execute(graph, random_inputs(graph, 7)).value();
  return std::ranges::all_of(outputs, [](const Tensor& output) {
    return std::ranges::all_of(output.as<double>(), [](double x) { return std::isfinite(x); });
  });
}

/// x / sqrt(mean(x * x) + epsilon) of the differences from the mean.
ValueId decomposed_norm(TestGraph& graph, ValueId x, double epsilon) {
  const Reduce mean{ReduceKind::kMean, {static_cast<int64_t>(graph.shape(x).size()) - 1}, true};
  const ValueId centred = graph.sub(x, graph.node(mean, {x}));
  const ValueId square = graph.node(Binary{BinaryKind::kPow}, {centred, graph.scalar(2)});
  const ValueId sum = graph.add(graph.node(mean, {square}), graph.scalar(epsilon));
  return graph.div(centred, graph.unary(UnaryKind::kSqrt, sum));
}

TEST(ConvertF16, AllInHalfButTheBorder) {
  TestGraph graph;
  const ValueId hidden = graph.linear(graph.layer_norm(graph.input({9, 32})), 64);
  const Graph before = graph.finish({graph.linear(graph.node(Gelu{}, {hidden}), 16)});
  for (const Graph& after : {expect_rewrite(convert_f16, before, 4 * kUnit), scanned(before, 4)}) {
    EXPECT_EQ(count<Cast>(after), 2U);
    EXPECT_EQ(singles(after), 0U);
    EXPECT_EQ(after.type(after.inputs()[0]).dtype, DType::kF32);
    EXPECT_EQ(after.type(after.outputs()[0]).dtype, DType::kF32);
    EXPECT_EQ(after.constant_bytes(), before.constant_bytes() / 2);
    EXPECT_EQ(origins(after, first<LayerNormalization>(after)), (std::set<std::string>{"n0"}));
  }
}

TEST(ConvertF16, ValuesThatAreReadTwiceAreConvertedOnce) {
  TestGraph graph;
  const ValueId x = graph.input({9, 32});
  const ValueId y = graph.linear(x, 32);
  const Graph before = graph.finish({y, graph.add(y, x)});
  EXPECT_EQ(count<Cast>(expect_rewrite(convert_f16, before, 4 * kUnit)), 3U);
}

/// A channel that grows by `factor` and is squared, in the middle of linear layers.
Graph with_squares(double factor) {
  TestGraph graph;
  const ValueId x =
      graph.node(MatMul{}, {graph.input({4, 8}), graph.values({8, 3}, std::vector(24, 0.3))});
  const ValueId grown = graph.mul(x, graph.values({3}, {1, factor, 1}));
  const ValueId square = graph.mul(grown, graph.add(grown, graph.scalar(1)));
  const ValueId small = graph.mul(square, graph.values({3}, {1, 1 / factor / factor, 1}));
  return graph.finish({graph.node(MatMul{}, {small, graph.weight({3, 8})})});
}

TEST(ConvertF16, AScanKeepsWhatWouldOverflow) {
  const Graph before = with_squares(1e3);
  EXPECT_FALSE(is_finite(converted(before, {{"islands", "none"}})));
  EXPECT_FALSE(is_finite(converted(before)));
  const Graph after = scanned(before, 8);
  EXPECT_EQ(singles(after), 2U) << print(after);  // the sum beside it has room
  EXPECT_EQ(origins(after, first<MatMul>(after)), (std::set<std::string>{"n0"}));
}

TEST(ConvertF16, AScanLeavesWhatFits) {
  const Graph before = with_squares(30);
  EXPECT_EQ(singles(scanned(before, 8)), 0U);
  EXPECT_GT(singles(scanned(before, 8, {{"margin", "1000"}})), 0U);
}

TEST(ConvertF16, AScanKeepsWhatIsSubnormal) {
  for (double factor : {1e-6, 1e-2}) {
    TestGraph graph;
    const ValueId small = graph.mul(graph.input({4, 8}), graph.scalar(factor / 10));
    const Graph before = graph.finish({graph.node(
        MatMul{}, {graph.mul(small, graph.scalar(10 / factor)), graph.weight({8, 8})})});
    EXPECT_EQ(singles(scanned(before, 8)), factor < 1e-4 ? 2U : 0U);
  }
}

TEST(ConvertF16, StatisticsOfADecomposedNormAreOneIsland) {
  TestGraph graph;
  const ValueId x = graph.mul(graph.mul(graph.linear(graph.input({4, 16}), 16), graph.scalar(1e-4)),
                              graph.scalar(0.2));
  const ValueId scaled = graph.mul(decomposed_norm(graph, x, 1e-12), graph.positive({16}));
  const Graph before = graph.finish({graph.linear(scaled, 8)});
  const Graph naive = converted(before, {{"islands", "none"}});
  EXPECT_FALSE(is_finite(naive));
  for (const Graph& after :
       {expect_rewrite(convert_f16, before, 16 * kUnit), scanned(before, 16)}) {
    EXPECT_EQ(singles(after), 7U) << print(after);
    EXPECT_EQ(count<Cast>(after), 4U) << print(after);
  }
}

TEST(ConvertF16, ANormAtTheEndGivesSinglesItself) {
  TestGraph graph;
  const ValueId y = graph.linear(graph.input({4, 16}), 16);
  const ValueId norm = graph.node(Reduce{ReduceKind::kL2, {1}, true}, {y});
  const ValueId guarded = graph.node(Clip{1e-12, 1e30}, {norm});
  const ValueId unit = graph.div(y, graph.node(Expand{{4, 16}}, {guarded}));
  const Graph after =
      expect_rewrite(convert_f16, graph.finish({graph.mul(unit, graph.scalar(3))}), 8 * kUnit);
  EXPECT_EQ(singles(after), 5U);  // and what is cheap before the output
  EXPECT_EQ(count<Cast>(after), 2U);
}

TEST(ConvertF16, NoConversionsInsideAnIsland) {
  TestGraph graph;
  const ValueId x = graph.input({4, 16});
  const ValueId a = graph.node(MatMul{}, {x, graph.weight({16, 16})});  // n0
  const ValueId moved = graph.transpose(graph.reshape(a, {2, 2, 16}), {1, 0, 2});
  const ValueId half = graph.node(MatMul{}, {moved, graph.weight({16, 4})});  // n3
  const ValueId cheap = graph.unary(UnaryKind::kTanh, graph.reshape(moved, {4, 16}));
  const ValueId b = graph.node(MatMul{}, {cheap, graph.weight({16, 16})});  // n6
  const Graph before = graph.finish({half, graph.linear(b, 4)});
  const Graph after = expect_rewrite(convert_f16, before, 8 * kUnit, {{"skip", "n0,n6"}});
  EXPECT_EQ(singles(after), 6U) << print(after);
  EXPECT_EQ(count<Cast>(after), 4U) << print(after);  // to n3 and back, to what follows n6 and back
}

TEST(ConvertF16, WhatCostsMoreThanConversionsIsNoPartOfAnIsland) {
  TestGraph graph;
  const ValueId x = graph.input({4, 16});
  const ValueId a = graph.node(MatMul{}, {x, graph.weight({16, 16})});
  const ValueId b = graph.node(MatMul{}, {a, graph.weight({16, 16})});
  const Graph before = graph.finish({graph.node(MatMul{}, {b, graph.weight({16, 16})})});
  EXPECT_EQ(singles(expect_rewrite(convert_f16, before, 8 * kUnit, {{"skip", "n0,n2"}})), 2U);
}

TEST(ConvertF16, MasksOfScoresFitIntoHalf) {
  for (double hidden : {-1e9, -3.4e38, -HUGE_VAL}) {
    TestGraph graph;
    const ValueId scores = graph.node(MatMul{}, {graph.input({4, 8}), graph.weight({8, 3})});
    const ValueId mask = graph.values({4, 3}, {0, hidden, 0, 0, 0, hidden, 0, 0, 0, 0, hidden, 0});
    const ValueId where = graph.node(Where{}, {graph.values({3}, {1, 1, 0}, DType::kBool),
                                               graph.add(scores, mask), graph.scalar(hidden)});
    const ValueId weights = graph.node(Softmax{1}, {where});
    const Graph before = graph.finish({graph.node(MatMul{}, {weights, graph.weight({3, 8})})});
    EXPECT_EQ(singles(expect_rewrite(convert_f16, before, 16 * kUnit)), 0U);
    EXPECT_EQ(singles(scanned(before, 16)), 0U);
  }
}

TEST(ConvertF16, OtherLargeConstantsStay) {
  TestGraph graph;
  const ValueId y = graph.node(MatMul{}, {graph.input({4, 8}), graph.weight({8, 3})});
  const ValueId sum = graph.mul(graph.add(y, graph.scalar(-1e6)), graph.scalar(1e-6));
  const Graph before = graph.finish({graph.node(MatMul{}, {sum, graph.weight({3, 8})})});
  EXPECT_EQ(singles(expect_rewrite(convert_f16, before, 8 * kUnit)), 2U);
}

TEST(ConvertF16, SmallWeightsStayButSmallSummandsDoNot) {
  TestGraph graph;
  const ValueId x = graph.input({4, 8});
  const ValueId tiny = graph.values({8, 2}, std::vector(16, 3e-6));
  const ValueId bias = graph.values({2}, {1e-6, -2e-6});
  const ValueId a = graph.node(Gemm{}, {x, tiny});
  const ValueId b = graph.node(Gemm{}, {x, graph.weight({8, 2}), bias});
  EXPECT_EQ(singles(expect_rewrite(convert_f16, graph.finish({a, b}), 8 * kUnit)), 1U);
}

TEST(ConvertF16, LayersOf8BitsStayAsTheyAre) {
  TestGraph graph;
  const ValueId x = graph.input({4, 8});
  const ValueId step = graph.scalar(0.05), zero = graph.scalar(128, DType::kU8);
  const ValueId levels = graph.node(QuantizeLinear{}, {x, step, zero});
  const ValueId back = graph.node(DequantizeLinear{}, {levels, step, zero});
  const ValueId w = graph.values({8, 8}, std::vector(64, 9.0), DType::kI8);
  const ValueId weights = graph.node(DequantizeLinear{}, {w, graph.scalar(0.01)});
  const ValueId active = graph.unary(UnaryKind::kRelu, graph.node(MatMul{}, {back, weights}));
  const Graph before = graph.finish({graph.linear(active, 4)});
  const Graph after = expect_rewrite(convert_f16, before, 8 * kUnit);
  EXPECT_EQ(singles(after), 3U) << print(after);
  EXPECT_EQ(count<Cast>(after), 2U);
}

TEST(ConvertF16, LeavesGraphsOfHalvesAndOfIntegers) {
  TestGraph halves;
  const ValueId x = halves.node(Cast{DType::kF16}, {halves.input({4, 8})});
  const ValueId y = halves.node(MatMul{}, {x, halves.weight({8, 8}, DType::kF16)});
  expect_unchanged(convert_f16, halves.finish({halves.node(Cast{DType::kF32}, {y})}));
  TestGraph integers;
  const ValueId n = integers.input({4}, DType::kI64);
  expect_unchanged(convert_f16, integers.finish({integers.add(n, n)}));
  TestGraph skipped;
  skipped.enter("all");
  expect_unchanged(convert_f16, skipped.finish({skipped.linear(skipped.input({4, 8}), 8)}),
                   {{"skip", "all"}});
}

TEST(ConvertF16, RandomGraphsStayValid) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Graph before = random_graph(random, 5 + random.below(30));
    for (const char* islands : {"none", "ops"}) {
      Graph after = before;
      const auto changed = convert_f16(after, {{"islands", islands}});
      ASSERT_TRUE(changed.has_value()) << changed.error().text();
      EXPECT_EQ(*changed, !equal(before, after));
      ASSERT_TRUE(verify(after).has_value());
      compare_results(before, after, seed, [](const Tensor&, const Tensor&) {});
      const Graph once = after;
      EXPECT_FALSE(convert_f16(after, {{"islands", islands}}).value());
      EXPECT_TRUE(equal(once, after));
    }
  }
}

TEST(ConvertF16, RefusesWhatDoesNotFit) {
  TestGraph graph, wider;
  const Graph before = graph.finish({graph.linear(graph.input({9, 32}), 24)});
  const Graph other = wider.finish({wider.linear(wider.input({9, 32}), 16)});
  const CalibrationFile of_other(extremes_calibration(other));
  const CalibrationFile without(calibration_of(before, {before.inputs()[0]}));
  const auto error = [&](const Parameters& parameters) {
    Graph after = before;
    const auto run = run_pass(*find_pass("convert-f16").value(), after, parameters);
    EXPECT_TRUE(equal(after, before));
    return run ? "none" : run.error().text();
  };
  EXPECT_NE(error({{"islands", "some"}}).find("islands"), std::string::npos);
  EXPECT_NE(error({{"islands", "scan"}}).find("calibration"), std::string::npos);
  EXPECT_NE(error({{"margin", "0.5"}}).find("margin"), std::string::npos);
  EXPECT_NE(error({{"skip", "n9"}}).find("n9"), std::string::npos);
  EXPECT_NE(error({{"calibration", of_other.path()}}).find("another graph"), std::string::npos);
  EXPECT_NE(error({{"calibration", without.path()}}).find("no extremes"), std::string::npos);
}

}  // namespace
}  // namespace nitro::passes
