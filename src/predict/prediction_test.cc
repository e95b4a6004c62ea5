#include "predict/prediction.h"

#include <gtest/gtest.h>

#include "passes/testing_swin.h"
#include "predict/live_bytes.h"
#include "predict/what_if.h"

namespace nitro::predict {
namespace {

using passes::TestGraph;
using passes::TestSwin;

PredictOptions options(std::string_view runtime = "tensorrt-8") {
  return {*find_device("jetson-nano"), **find_runtime(runtime)};
}

Prediction predicted(const Graph& graph, const PredictOptions& with = options()) {
  const auto prediction = predict(graph, with);
  EXPECT_TRUE(prediction.has_value());
  return prediction.value_or(Prediction{});
}

TEST(Prediction, LayersAndWaitsAddUpAndTheIntervalHoldsTheTotal) {
  const Prediction swin = predicted(TestSwin().build());
  double sum = 0;
  for (const PredictedLayer& layer : swin.layers) sum += layer.total_ns();
  EXPECT_NEAR(sum, swin.total_ns, 1e-6 * sum);
  EXPECT_LT(swin.low_ns, swin.total_ns);
  EXPECT_GT(swin.high_ns, swin.total_ns);
  const double factor = swin.high_ns / swin.total_ns;
  EXPECT_NEAR(factor, swin.total_ns / swin.low_ns, 1e-9);
  EXPECT_GT(factor, std::exp(1.6 * options().runtime.spread));
}

TEST(Prediction, TheIntervalIsWiderWhereLessIsKnown) {
  const auto width = [](std::string_view device) {
    PredictOptions with = options();
    with.device = *find_device(std::string(device));
    const Prediction swin = predicted(TestSwin().build(), with);
    return swin.high_ns / swin.total_ns;
  };
  EXPECT_GT(width("jetson-tx2"), 1.3 * width("jetson-nano"));
}

TEST(Prediction, LayersKnowTheirModules) {
  const Prediction swin = predicted(TestSwin().build());
  std::set<std::string> modules;
  for (const PredictedLayer& layer : swin.layers) modules.insert(module_of(swin, layer.layer));
  for (const char* module : {"patch_embed", "blocks.0", "blocks.2", "head"})
    EXPECT_TRUE(modules.contains(module)) << module;
  EXPECT_TRUE(is_inside("a.b", "a"));
  EXPECT_TRUE(is_inside("a", "a"));
  EXPECT_FALSE(is_inside("ab", "a"));
}

TEST(Prediction, FusedOpsTakeTheTimeOfTheirParts) {
  TestGraph g;
  const ValueId x = g.input({1, 196, 64});
  const Graph graph =
      g.finish({g.node(LayerNormalization{2}, {x, g.weight({64}), g.weight({64})})});
  EXPECT_GT(predicted(graph).layers.size(), 3U);
}

TEST(Prediction, TheStepsOfAPlanAreLayersToo) {
  const Graph swin = TestSwin(1, 64).build();
  const Prediction plan = predicted(swin, options("nitro"));
  EXPECT_LT(plan.layers.size(), predicted(swin).layers.size());
  double flops = 0;
  std::set<Family> families;
  for (const PredictedLayer& layer : plan.layers) {
    flops += layer.layer.flops;
    families.insert(layer.layer.family);
    EXPECT_GT(layer.total_ns(), 0) << layer.layer.ops;
  }
  EXPECT_GT(flops, 0);
  EXPECT_TRUE(families.contains(Family::kVector));  // of few rows
  EXPECT_TRUE(families.contains(Family::kProduct));
  std::set<std::string> modules;
  for (const PredictedLayer& layer : plan.layers) modules.insert(module_of(plan, layer.layer));
  EXPECT_TRUE(modules.contains("patch_embed"));
}

TEST(Prediction, AGraphWithoutLayersTakesNoTime) {
  TestGraph g;
  const ValueId x = g.input({2, 3});
  const Prediction nothing = predicted(g.finish({g.reshape(x, {3, 2})}));
  EXPECT_EQ(nothing.total_ns, 0);
  EXPECT_EQ(nothing.low_ns, 0);
  EXPECT_EQ(nothing.high_ns, 0);
}

TEST(Prediction, NoProductIsFasterThanThePeak) {
  for (const auto& [op, dtype] : std::vector<std::pair<Op, DType>>{
           {Einsum{"bij,bjk->bik"}, DType::kF32}, {MatMul{}, DType::kF32}}) {
    TestGraph g;
    const ValueId y = g.node(op, {g.input({4, 256, 256}, dtype), g.input({4, 256, 256}, dtype)});
    const Prediction one = predicted(g.finish({y}));
    ASSERT_EQ(one.layers.size(), 1U);
    EXPECT_GT(one.total_ns,
              one.layers[0].layer.flops / options().device.flops(Precision::kFp16) * 1e9);
  }
}

TEST(Prediction, SharedWeightsAreInMemoryOnce) {
  TestGraph g;
  const ValueId x = g.input({1, 50, 64}), w = g.weight({64, 64});
  const ValueId y = g.node(MatMul{}, {g.node(MatMul{}, {x, w}), w});
  EXPECT_EQ(predicted(g.finish({y})).weight_bytes, 2 * 64 * 64);
}

TEST(LiveElements, TheMostAtOneTime) {
  TestGraph g;
  const ValueId x = g.input({10});
  const ValueId a = g.unary(UnaryKind::kExp, x);
  const ValueId b = g.unary(UnaryKind::kExp, g.reshape(a, {2, 5}));
  const Graph graph = g.finish({g.add(b, g.reshape(a, {2, 5}))});
  EXPECT_EQ(most_live_elements(graph), 30);  // a, b and their sum
}

double after(const Prediction& model, const std::string& change) {
  const auto result = what_if(model, options(), change);
  EXPECT_TRUE(result.has_value()) << change;
  return result ? result->after_ns / result->before_ns : 0;
}

TEST(WhatIf, ChangesGoTheRightWay) {
  const Prediction swin = predicted(TestSwin(8, 192).build());
  EXPECT_DOUBLE_EQ(after(swin, "fp16"), 1);
  EXPECT_GT(after(swin, "fp32"), 1);
  EXPECT_LT(after(swin, "fuse"), 1);
  EXPECT_LT(after(swin, "graph"), 1);
  EXPECT_LT(after(swin, "batch=2"), 1);
  EXPECT_DOUBLE_EQ(after(swin, "batch=1"), 1);
  EXPECT_DOUBLE_EQ(after(swin, "batch-modalities"), after(swin, "batch=2"));
  EXPECT_LT(after(swin, "overlap"), after(swin, "graph"));
  EXPECT_GT(after(swin, "clock=100"), 1);
  EXPECT_GT(after(swin, "memory=1"), 1);
  EXPECT_LT(after(swin, "without=blocks.1"), 1);
}

TEST(WhatIf, ChangesThatAreRefused) {
  const Prediction swin = predicted(TestSwin().build());
  for (const char* change :
       {"int8", "faster", "clock", "clock=0", "clock=x", "fp16=1", "batch=0", "batch=1.5",
        "overlap=1", "without=blocks.9", "without=", "clock=1e-300", "memory=-1", "="}) {
    const auto result = what_if(swin, options(), change);
    ASSERT_FALSE(result.has_value()) << change;
    EXPECT_EQ(result.error().code, ErrorCode::kUsage) << change;
  }
  PredictOptions orin = options();
  orin.device = *find_device("jetson-orin-nano");
  EXPECT_TRUE(what_if(swin, orin, "int8").has_value());
}

}  // namespace
}  // namespace nitro::predict
