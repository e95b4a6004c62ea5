#include "passes/lossy/testing.h"

namespace nitro::passes {
namespace {

const Parameters kHalf = {{"keep", "0.5"}, {"tile", "8"}, {"ridge", "1e-9"}};

/// Elements of a matrix [rows, 2 * columns] whose right half is the left.
std::vector<double> twice(Random& random, int64_t rows, int64_t columns) {
  std::vector<double> values;
  for (int64_t row = 0; row < rows; ++row) {
    const std::vector<double> half = random_values(random, columns);
    for (int copy : {0, 1}) {
      static_cast<void>(copy);
      values.insert(values.end(), half.begin(), half.end());
    }
  }
  return values;
}

/// x, and a layer to 32 neurons of which each is there twice.
ValueId doubled_layer(TestGraph& graph, ValueId x) {
  Random random(11);
  graph.enter("mlp.fc1");
  const ValueId weight = graph.values({8, 32}, twice(random, 8, 16));
  return graph.add(graph.node(MatMul{}, {x, weight}), graph.values({32}, twice(random, 1, 16)));
}

Graph doubled(const std::function<ValueId(TestGraph&, ValueId)>& activation) {
  TestGraph graph;
  const ValueId inner = activation(graph, doubled_layer(graph, graph.input({2, 24, 8})));
  graph.enter("mlp.fc2");
  return graph.finish({graph.linear(inner, 8)});
}

Graph random_mlp() {
  TestGraph graph;
  const ValueId x = graph.input({40, 8});
  graph.enter("mlp.fc1");
  const ValueId inner = graph.node(Gelu{}, {graph.linear(x, 32)});
  graph.enter("mlp.fc2");
  return graph.finish({graph.linear(inner, 8)});
}

int64_t width_of_second(const Graph& graph) {
  return graph.type(graph.nodes().back().inputs[0]).shape.back();
}

TEST(PruneNeurons, KeepsTheFunctionOfNeuronsThatOthersMake) {
  const std::vector<std::function<ValueId(TestGraph&, ValueId)>> activations = {
      [](TestGraph& graph, ValueId x) { return graph.node(Gelu{}, {x}); },
      [](TestGraph& graph, ValueId x) { return graph.unary(UnaryKind::kRelu, x); },
      [](TestGraph& graph, ValueId x) {  // rows as one batch, as lower-linear writes them
        return graph.node(Gelu{}, {graph.reshape(x, {48, 32})});
      },
      [](TestGraph& graph, ValueId x) {  // scaled neuron by neuron
        return graph.mul(graph.positive({32}), graph.node(Clip{-1, 2}, {x}));
      }};
  for (const auto& activation : activations) {
    const Graph before = doubled(activation);
    const TestCalibration calibration(before);
    const Graph after = expect_lossy(prune_neurons, before, calibration.parameters(kHalf));
    EXPECT_EQ(after.type(first<MatMul>(after).outputs[0]).shape.back(), 16);
    expect_equivalent(before, after, 1e-4);
    EXPECT_EQ(origins(after, first<MatMul>(after)), (std::set<std::string>{"n0", "n1"}));
  }
}

TEST(PruneNeurons, TakesFusedForms) {
  TestGraph graph;
  Random random(12);
  graph.enter("mlp.fc1");
  const ValueId x = graph.input({48, 8});
  const ValueId product = graph.node(MatMul{}, {x, graph.values({8, 32}, twice(random, 8, 16))});
  const ValueId inner = graph.node(Gelu{}, {product, graph.values({32}, twice(random, 1, 16))});
  graph.enter("mlp.fc2");
  const Graph before =
      graph.finish({graph.node(Gemm{.transpose_b = true, .alpha = 0.5, .beta = 2},
                               {inner, graph.weight({8, 32}), graph.weight({8})})});
  const TestCalibration calibration(before);
  const Graph after = expect_lossy(prune_neurons, before, calibration.parameters(kHalf));
  EXPECT_EQ(width_of_second(after), 16);
  expect_equivalent(before, after, 1e-4);
}

TEST(PruneNeurons, GivesALayerWithoutBiasOne) {
  TestGraph graph;
  graph.enter("mlp.fc1");
  const ValueId inner = graph.node(Gelu{}, {graph.linear(graph.input({40, 8}), 32)});
  graph.enter("mlp.fc2");
  const Graph before = graph.finish({graph.node(MatMul{}, {inner, graph.weight({32, 8})})});
  const TestCalibration calibration(before);
  const Graph after = expect_lossy(prune_neurons, before, calibration.parameters(kHalf));
  EXPECT_EQ(after.nodes().size(), before.nodes().size() + 1);
}

TEST(PruneNeurons, RoundsToTilesAndModules) {
  const Graph before = random_mlp();
  const TestCalibration calibration(before);
  const auto width = [&](std::string keep, std::string tile) {
    const Graph after = expect_lossy(
        prune_neurons, before,
        calibration.parameters({{"keep", std::move(keep)}, {"tile", std::move(tile)}}));
    return after.type(first<MatMul>(after).outputs[0]).shape.back();
  };
  EXPECT_EQ(width("0.6", "8"), 16);
  EXPECT_EQ(width("0.01", "8"), 8);
  EXPECT_EQ(width("0.6", "1"), 19);
  EXPECT_EQ(width("mlp=0.25", "8"), 8);
  EXPECT_EQ(width("0.9,mlp.fc2=0.5", "8"), 16);
  Graph same = before;
  EXPECT_FALSE(
      prune_neurons(same, calibration.parameters({{"keep", "0.9"}, {"tile", "32"}})).value());
}

TEST(PruneNeurons, PrunesALayerThatIsFirstAndSecond) {
  TestGraph graph;
  graph.enter("a");
  ValueId x = graph.node(Gelu{}, {graph.linear(graph.input({40, 8}), 32)});
  graph.enter("b");
  x = graph.node(Gelu{}, {graph.linear(x, 32)});
  graph.enter("c");
  const Graph before = graph.finish({graph.linear(x, 8)});
  const TestCalibration calibration(before);
  const Graph after = expect_lossy(prune_neurons, before, calibration.parameters(kHalf));
  for (const Node& node : after.nodes()) {
    const int64_t width = after.type(node.outputs[0]).shape.back();
    EXPECT_TRUE(width == 16 || width == 8);
  }
}

TEST(PruneNeurons, RefusesASecondRun) {
  const Graph before = random_mlp();
  const TestCalibration calibration(before);
  const Graph after = expect_lossy(prune_neurons, before, calibration.parameters(kHalf));
  EXPECT_NE(error_of(prune_neurons, after, calibration.parameters(kHalf)).find("another graph"),
            std::string::npos);
}

TEST(PruneNeurons, LeavesNeuronsThatAreReadElsewhere) {
  for (bool output : {false, true}) {
    TestGraph graph;
    const ValueId inner = graph.node(Gelu{}, {graph.linear(graph.input({40, 8}), 32)});
    const ValueId result = graph.linear(inner, 8);
    const Graph before =
        graph.finish({result, output ? inner : graph.unary(UnaryKind::kExp, inner)});
    expect_unchanged(prune_neurons, before, TestCalibration(before).parameters(kHalf));
  }
}

TEST(PruneNeurons, LeavesWhatMixesNeurons) {
  TestGraph graph;
  const ValueId inner = graph.node(Softmax{.axis = 1}, {graph.linear(graph.input({40, 8}), 32)});
  const Graph before = graph.finish({graph.linear(inner, 8)});
  expect_unchanged(prune_neurons, before, TestCalibration(before).parameters(kHalf));
}

TEST(PruneNeurons, LeavesAGate) {
  TestGraph graph;
  const ValueId x = graph.input({40, 8});
  const ValueId inner = graph.mul(graph.node(Gelu{}, {graph.linear(x, 32)}), graph.linear(x, 32));
  const Graph before = graph.finish({graph.linear(inner, 8)});
  expect_unchanged(prune_neurons, before, TestCalibration(before).parameters(kHalf));
}

TEST(PruneNeurons, LeavesAReshapeThatSplitsNeurons) {
  TestGraph graph;
  const ValueId inner = graph.reshape(graph.linear(graph.input({40, 8}), 32), {80, 16});
  const Graph before = graph.finish({graph.linear(inner, 8)});
  expect_unchanged(prune_neurons, before, TestCalibration(before).parameters(kHalf));
}

TEST(PruneNeurons, SaysWhatIsWrongWithItsParameters) {
  const Graph graph = random_mlp();
  const TestCalibration calibration(graph);
  const auto error = [&](Parameters parameters) {
    return error_of(prune_neurons, graph, calibration.parameters(std::move(parameters)));
  };
  EXPECT_EQ(error({{"keep", "0"}}), "keep=0 is no share above 0 and up to 1");
  EXPECT_EQ(error({{"keep", "=0.5"}}), "keep==0.5 is no share above 0 and up to 1");
  EXPECT_EQ(error({{"keep", "nan"}}), "keep=nan is no share above 0 and up to 1");
  EXPECT_EQ(error({{"keep", "mpl=0.5"}}), "keep: 'mpl' holds nothing that could be smaller");
  EXPECT_EQ(error({{"tile", "0"}}), "tile=0 is no number of at least 1");
  EXPECT_EQ(error({{"ridge", "much"}}), "ridge=much is no number of at least 0");
  EXPECT_EQ(error_of(prune_neurons, graph, {}), "calibration=FILE is missing");
}

TEST(PruneNeurons, SaysWhatIsWrongWithItsCalibration) {
  const Graph graph = random_mlp();
  const auto error = [&](const std::function<void(ValueRecord&)>& spoil) {
    TestCalibration calibration(graph);
    for (auto& [name, record] : calibration.content().values) spoil(record);
    return error_of(prune_neurons, graph, calibration.parameters(kHalf));
  };
  EXPECT_NE(error([](ValueRecord& record) { record.moments.reset(); }).find("has no moments of"),
            std::string::npos);
  EXPECT_NE(error([](ValueRecord& record) {
              record.moments->products[0] = -1;
            }).find("a negative variance of"),
            std::string::npos);
  EXPECT_NE(error([](ValueRecord& record) {
              record.moments->products[1] = record.moments->products[record.moments->sums.size()] =
                  1e9;
            }).find("a covariance above the variances of"),
            std::string::npos);
  EXPECT_NE(error_of(prune_neurons, graph, {{"calibration", "/nowhere.json"}}).find("nowhere.json"),
            std::string::npos);
}

}  // namespace
}  // namespace nitro::passes
