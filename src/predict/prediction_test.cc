#include "predict/prediction.h"

#include <gtest/gtest.h>

#include "passes/testing_swin.h"
#include "predict/live_bytes.h"
#include "predict/what_if.h"

namespace nitro::predict {
namespace {

using passes::TestGraph;
using passes::TestSwin;

PredictOptions options() { return {*find_device("jetson-nano"), runtimes()[0]}; }

struct Predicted {
  Graph prepared;
  Prediction prediction;
};

Predicted predicted(const Graph& graph, const PredictOptions& with = options()) {
  Predicted result;
  auto prediction = predict(graph, with, result.prepared);
  EXPECT_TRUE(prediction.has_value());
  result.prediction = *prediction;
  return result;
}

TEST(Prediction, LayersAndWaitsAddUpAndTheIntervalHoldsTheTotal) {
  const Predicted swin = predicted(TestSwin().build());
  double sum = 0;
  for (const PredictedLayer& layer : swin.prediction.layers) sum += layer.total_ns();
  EXPECT_NEAR(sum, swin.prediction.total_ns, 1e-6 * sum);
  EXPECT_LT(swin.prediction.low_ns, swin.prediction.total_ns);
  EXPECT_GT(swin.prediction.high_ns, swin.prediction.total_ns);
  const double factor = swin.prediction.high_ns / swin.prediction.total_ns;
  EXPECT_NEAR(factor, swin.prediction.total_ns / swin.prediction.low_ns, 1e-9);
  EXPECT_GT(factor, std::exp(1.6 * runtimes()[0].spread));
}

TEST(Prediction, LayersKnowTheirModules) {
  const Predicted swin = predicted(TestSwin().build());
  std::set<std::string> modules;
  for (const PredictedLayer& layer : swin.prediction.layers)
    modules.insert(module_of(swin.prepared, layer.layer));
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
  EXPECT_GT(predicted(graph).prediction.layers.size(), 3U);
}

TEST(LiveElements, TheMostAtOneTime) {
  TestGraph g;
  const ValueId x = g.input({10});
  const ValueId a = g.unary(UnaryKind::kExp, x);
  const ValueId b = g.unary(UnaryKind::kExp, g.reshape(a, {2, 5}));
  const Graph graph = g.finish({g.add(b, g.reshape(a, {2, 5}))});
  EXPECT_EQ(most_live_elements(graph), 30);  // a, b and their sum
}

double after(const Predicted& model, const std::string& change) {
  const auto result = what_if(model.prepared, model.prediction, options(), change);
  EXPECT_TRUE(result.has_value()) << change;
  return result ? result->after_ns / result->before_ns : 0;
}

TEST(WhatIf, ChangesGoTheRightWay) {
  const Predicted swin = predicted(TestSwin(1, 64).build());
  EXPECT_DOUBLE_EQ(after(swin, "fp16"), 1);
  EXPECT_GE(after(swin, "fp32"), 1);
  EXPECT_LT(after(swin, "fuse"), 1);
  EXPECT_LT(after(swin, "graph"), 1);
  EXPECT_LT(after(swin, "batch=2"), 1);
  EXPECT_DOUBLE_EQ(after(swin, "batch=1"), 1);
  EXPECT_GE(after(swin, "clock=100"), 1);
  EXPECT_GE(after(swin, "memory=1"), 1);
  EXPECT_LT(after(swin, "without=blocks.1"), 1);
}

TEST(WhatIf, ChangesThatAreRefused) {
  const Predicted swin = predicted(TestSwin().build());
  for (const char* change : {"int8", "faster", "clock", "clock=0", "clock=x", "fp16=1", "batch=0",
                             "batch=1.5", "without=blocks.9", "memory=-1", "="}) {
    const auto result = what_if(swin.prepared, swin.prediction, options(), change);
    ASSERT_FALSE(result.has_value()) << change;
    EXPECT_EQ(result.error().code, ErrorCode::kUsage) << change;
  }
  PredictOptions orin = options();
  orin.device = *find_device("jetson-orin-nano");
  EXPECT_TRUE(what_if(swin.prepared, swin.prediction, orin, "int8").has_value());
}

}  // namespace
}  // namespace nitro::predict
