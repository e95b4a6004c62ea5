#include "passes/lossy/linear_inputs.h"
#include "passes/lossy/quantizable_layers.h"
#include "passes/lossy/testing_calibration.h"

namespace nitro::passes {
namespace {

std::vector<ValueId> all_values(const Graph& graph) {
  std::vector<ValueId> values = linear_inputs(graph);
  for (ValueId id : convolution_outputs(graph)) values.push_back(id);
  return values;
}

/// Quantised by every method, which must each be close: `tolerance` is a share of the largest
/// output. Returns the last.
Graph expect_quantized(const Graph& graph, double tolerance) {
  const CalibrationFile file(calibration_of(graph, all_values(graph)));
  Graph after = graph;
  const double loose = 10;  // entropy wants more elements than there are here
  for (const auto& [method, factor] : std::vector<std::pair<std::string, double>>{
           {"entropy", loose}, {"mse", 1}, {"percentile", 1}, {"minmax", 1}}) {
    SCOPED_TRACE(method);
    after = expect_rewrite(quantize_int8, graph, factor * tolerance,
                           {{"calibration", file.path()}, {"method", method}, {"min_macs", "0"}});
  }
  return after;
}

/// u8 activations and i8 weights, each with a scale of its own.
void expect_8_bits(const Graph& graph, const Node& node) {
  const Node* x = graph.producer(node.inputs[0]);
  const Node* w = graph.producer(node.inputs[1]);
  ASSERT_TRUE(x && w);
  EXPECT_EQ(graph.type(x->inputs[0]).dtype, DType::kU8);
  EXPECT_EQ(graph.type(w->inputs[0]).dtype, DType::kI8);
  EXPECT_EQ(graph.type(x->inputs[1]).rank(), 0);
  EXPECT_EQ(graph.type(w->inputs[1]).rank(), 1);
}

TEST(QuantizeInt8, GemmWithABiasOf32Bits) {
  for (bool transposed : {false, true}) {
    TestGraph graph;
    const ValueId w = graph.weight(transposed ? Shape{24, 32} : Shape{32, 24});
    const ValueId y =
        graph.node(Gemm{.transpose_b = transposed}, {graph.input({16, 32}), w, graph.weight({24})});
    const Graph after = expect_quantized(graph.finish({y}), 0.02);
    const Node& gemm = first<Gemm>(after);
    expect_8_bits(after, gemm);
    EXPECT_EQ(after.type(after.producer(gemm.inputs[2])->inputs[0]).dtype, DType::kI32);
    EXPECT_EQ(origins(after, gemm), (std::set<std::string>{"n0"}));
  }
}

TEST(QuantizeInt8, LinearLayerBecomesAGemmOnRows) {
  TestGraph graph;
  const Graph after =
      expect_quantized(graph.finish({graph.linear(graph.input({2, 9, 32}), 24)}), 0.02);
  EXPECT_EQ(count<MatMul>(after), 0U);
  EXPECT_EQ(count<Reshape>(after), 2U);
  EXPECT_EQ(origins(after, first<Gemm>(after)), (std::set<std::string>{"n0", "n1"}));
}

TEST(QuantizeInt8, MatMulWithoutBiasKeepsItsShape) {
  TestGraph graph;
  const ValueId y = graph.node(MatMul{}, {graph.input({2, 9, 32}), graph.weight({32, 24})});
  const Graph after = expect_quantized(graph.finish({y}), 0.02);
  expect_8_bits(after, first<MatMul>(after));
  EXPECT_EQ(after.nodes().size(), 4U);
}

TEST(QuantizeInt8, ConvolutionsHandOver8Bits) {
  TestGraph graph;
  const auto conv = [&](ValueId x, int64_t channels) {
    const Ints ones = {1, 1};
    return graph.node(
        Conv{ones, ones, ones, ones, 1},
        {x, graph.weight({channels, graph.shape(x)[1], 3, 3}), graph.weight({channels})});
  };
  const ValueId hidden = graph.unary(UnaryKind::kRelu, conv(graph.input({1, 4, 8, 8}), 8));
  const Graph after = expect_quantized(graph.finish({conv(hidden, 6)}), 0.05);
  EXPECT_EQ(count<QuantizeLinear>(after), 3U);
  const Node& relu = first<Unary>(after);
  EXPECT_TRUE(std::holds_alternative<Conv>(after.producer(relu.inputs[0])->op));
  EXPECT_EQ(use_counts(after)[relu.outputs[0]], 1U);
}

TEST(QuantizeInt8, AValueIsQuantizedOnceForAllReaders) {
  TestGraph graph;
  const ValueId x = graph.layer_norm(graph.input({9, 32}));
  const ValueId a = graph.linear(x, 24), b = graph.linear(x, 16);
  const Graph after = expect_quantized(graph.finish({a, b, x}), 0.02);
  EXPECT_EQ(count<QuantizeLinear>(after), 1U);
}

TEST(QuantizeInt8, OneScaleForAllWeightsWhereAsked) {
  TestGraph graph;
  const Graph before = graph.finish({graph.linear(graph.input({16, 32}), 24)});
  const CalibrationFile file(calibration_of(before, all_values(before)));
  const Graph after =
      expect_rewrite(quantize_int8, before, 0.03,
                     {{"calibration", file.path()}, {"weights", "tensor"}, {"min_macs", "0"}});
  const Node* w = after.producer(first<Gemm>(after).inputs[1]);
  EXPECT_EQ(after.type(w->inputs[1]).rank(), 0);
}

TEST(QuantizeInt8, SkipsNodesAndModules) {
  TestGraph graph;
  graph.enter("stage.0");
  const ValueId a = graph.linear(graph.input({9, 32}), 32);
  graph.enter("stage.01");
  const ValueId b = graph.linear(a, 24);
  const Graph before = graph.finish({b});
  const CalibrationFile file(calibration_of(before, all_values(before)));
  const auto gemms = [&](const std::string& skip) {
    Graph after = before;
    EXPECT_TRUE(
        quantize_int8(after, {{"calibration", file.path()}, {"skip", skip}, {"min_macs", "0"}}));
    return count<Gemm>(after);
  };
  EXPECT_EQ(gemms("stage.0"), 1U);
  EXPECT_EQ(gemms("n2"), 1U);
  EXPECT_EQ(gemms("stage"), 0U);
  EXPECT_EQ(gemms("stage.0,stage.01"), 0U);
  Graph after = before;
  const auto unknown = quantize_int8(after, {{"calibration", file.path()}, {"skip", "stage.2"}});
  EXPECT_EQ(unknown.error().code, ErrorCode::kBadRecipe);
  EXPECT_NE(unknown.error().hint.find("stage.0"), std::string::npos);
}

TEST(QuantizeInt8, LeavesLayersThatDoNotPay) {
  TestGraph graph;
  const Graph before = graph.finish({graph.linear(graph.input({9, 32}), 24)});
  const CalibrationFile file(calibration_of(before, all_values(before)));
  // 32 * 24 / (32 + 24) = 13.7
  expect_unchanged(quantize_int8, before, {{"calibration", file.path()}, {"min_macs", "14"}});
  expect_unchanged(quantize_int8, before, {{"calibration", file.path()}});
  expect_rewrite(quantize_int8, before, 0.02, {{"calibration", file.path()}, {"min_macs", "13"}});
}

TEST(QuantizeInt8, LeavesWhatIsNoQuantizableLayer) {
  TestGraph graph;
  const ValueId x = graph.input({9, 32}), other = graph.input({32, 8});
  const ValueId half = graph.input({9, 32}, DType::kF16);
  const ValueId a = graph.node(MatMul{}, {x, other});
  const ValueId b = graph.node(MatMul{}, {half, graph.weight({32, 8}, DType::kF16)});
  const ValueId c = graph.node(Gemm{.alpha = 0.5}, {x, graph.weight({32, 8})});
  const ValueId d = graph.node(Gemm{.transpose_a = true}, {x, graph.weight({9, 8})});
  const ValueId e = graph.node(Gemm{}, {x, graph.weight({32, 8}), graph.weight({9, 8})});
  const ValueId f = graph.node(MatMul{}, {x, graph.weight({4, 32, 8})});
  const Graph before = graph.finish({a, b, c, d, e, f});
  EXPECT_TRUE(quantizable_layers(before).empty());
  expect_unchanged(quantize_int8, before, {{"calibration", "/nowhere"}, {"min_macs", "0"}});
}

TEST(QuantizeInt8, RefusesWhatDoesNotFit) {
  TestGraph graph, wider;
  const Graph before = graph.finish({graph.linear(graph.input({9, 32}), 24)});
  const Graph other = wider.finish({wider.linear(wider.input({9, 16}), 24)});
  const CalibrationFile file(calibration_of(other, all_values(other)));
  const CalibrationFile broken("{\"kind\": \"calibration\"");
  const auto code = [&](Parameters parameters) {
    parameters.emplace("min_macs", "0");
    Graph after = before;
    const auto run = run_pass(*find_pass("quantize-int8").value(), after, parameters);
    EXPECT_TRUE(equal(after, before));
    return run.error().code;
  };
  EXPECT_EQ(code({}), ErrorCode::kBadRecipe);
  EXPECT_EQ(code({{"calibration", file.path()}}), ErrorCode::kBadRecipe);
  EXPECT_EQ(code({{"calibration", broken.path()}}), ErrorCode::kBadFile);
  EXPECT_EQ(code({{"calibration", "/nowhere"}}), ErrorCode::kInputOutput);
  for (const Parameters& wrong :
       std::vector<Parameters>{{{"method", "best"}}, {{"weights", "row"}}, {{"min_macs", "few"}}}) {
    Parameters parameters = wrong;
    parameters.emplace("calibration", file.path());
    EXPECT_EQ(code(parameters), ErrorCode::kBadRecipe);
  }
}

}  // namespace
}  // namespace nitro::passes
