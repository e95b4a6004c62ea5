#include "passes/testing_swin.h"

namespace nitro::passes {
namespace {

constexpr const char* kCleanUps[] = {"fold-constants", "order-operands", "remove-identities",
                                     "merge-common-subexpressions", "eliminate-dead-code"};

std::vector<std::string> sequence() {
  std::vector<std::string> names(std::begin(kCleanUps), std::end(kCleanUps));
  names.insert(names.end(), {"fuse-layer-norm", "fuse-gelu", "fold-layer-norm", "merge-linears"});
  for (const char* pass :
       {"fuse-attention", "lower-patch-embedding", "window-order", "hoist-gathers",
        "fuse-skip-layer-norm", "fuse-bias-gelu", "lower-linear"}) {
    names.emplace_back(pass);
    names.insert(names.end(), std::begin(kCleanUps), std::end(kCleanUps));
  }
  return names;
}

void run_named(Graph& graph, const std::string& name, const Parameters& parameters = {}) {
  const auto pass = find_pass(name);
  ASSERT_TRUE(pass.has_value()) << name;
  const auto changed = run_pass(**pass, graph, parameters);
  ASSERT_TRUE(changed.has_value()) << changed.error().text();
}

std::set<std::string> modules(const Graph& graph) {
  std::set<std::string> names;
  for (const Node& node : graph.nodes()) {
    for (OriginId id : node.origins) names.insert(graph.origins()[id].module);
  }
  return names;
}

Graph optimized(Graph graph) {
  for (const std::string& name : sequence()) run_named(graph, name);
  return graph;
}

TEST(StandardSequence, KeepsTheFunctionOfASwinAtEachStep) {
  for (int64_t batch : {1, 2}) {
    const Graph before = TestSwin(batch).build();
    Graph graph = before;
    for (const std::string& name : sequence()) {
      SCOPED_TRACE(name);
      run_named(graph, name);
      expect_equivalent(before, graph, 1e-4);
      const Graph once = graph;
      const auto again = run_pass(**find_pass(name), graph);
      ASSERT_TRUE(again.has_value()) << again.error().text();
      EXPECT_FALSE(*again) << "a second run changed the graph";
      EXPECT_TRUE(equal(once, graph));
    }
  }
}

TEST(StandardSequence, IsDeterministic) {
  EXPECT_TRUE(equal(optimized(TestSwin(2).build()), optimized(TestSwin(2).build())));
}

TEST(StandardSequence, LeavesFewMovementsInASwin) {
  const Graph graph = optimized(TestSwin().build());
  EXPECT_EQ(count<ProjectedAttention>(graph), static_cast<size_t>(TestSwin::kBlocks));
  EXPECT_EQ(count<Softmax>(graph), 0U);
  EXPECT_EQ(count<Slice>(graph), 0U) << print(graph, {8});
  EXPECT_EQ(count<Concat>(graph), 0U);
  EXPECT_EQ(count<Conv>(graph), 0U);
  // At most one per block on average, and one to merge patches.
  EXPECT_LE(count<Gather>(graph), static_cast<size_t>(TestSwin::kBlocks) + 1) << print(graph, {8});
}

TEST(StandardSequence, KeepsTheModulesOfAllLayers) {
  const std::set<std::string> kept = modules(optimized(TestSwin().build()));
  for (const std::string& module : TestSwin::modules())
    EXPECT_TRUE(kept.contains(module)) << module;
}

/// What EdgeVL feeds for a grey image of 0..1.
Tensor prepared(const Tensor& grey) {
  const double mean[] = {0.485, 0.456, 0.406}, deviation[] = {0.229, 0.224, 0.225};
  std::vector<double> values;
  for (size_t c = 0; c < 3; ++c) {
    for (double pixel : grey.as<double>()) values.push_back((pixel - mean[c]) / deviation[c]);
  }
  Shape shape = grey.shape();
  shape[1] = 3;
  return Tensor::of(grey.dtype(), shape, values);
}

/// `batch` gives for each of its images what `single` gives for it alone.
void expect_each_modality(const Graph& single, const Graph& batch) {
  const std::vector<Tensor> images = random_inputs(batch, 3);
  ASSERT_EQ(images.size(), 3U);
  const auto got = reference::execute(batch, images);
  ASSERT_TRUE(got.has_value()) << got.error().text();
  for (size_t i = 0; i < 3; ++i) {
    const Tensor image = images[i].shape()[1] == 1 ? prepared(images[i]) : images[i];
    const auto wanted = reference::execute(single, std::vector{image});
    ASSERT_TRUE(wanted.has_value());
    const std::vector<double> a = (*wanted)[0].as<double>(), b = (*got)[i].as<double>();
    ASSERT_EQ(a.size(), b.size());
    for (size_t j = 0; j < a.size(); ++j) EXPECT_NEAR(a[j], b[j], 1e-4 * (1 + std::abs(a[j])));
  }
}

TEST(StandardSequence, ComputesEachModalityOfABatch) {
  const Graph single = TestSwin().build();
  Graph graph = single;
  run_named(graph, "batch-modalities", {{"modalities", "rgb,depth,ir"}});
  graph = optimized(graph);
  EXPECT_EQ(count<ProjectedAttention>(graph), static_cast<size_t>(TestSwin::kBlocks));
  expect_each_modality(single, graph);
}

TEST(StandardSequence, GivesGreyModalitiesAPatchEmbeddingOfTheirOwn) {
  const Graph single = TestSwin().build();
  Graph graph = single;
  run_named(graph, "batch-modalities", {{"modalities", "rgb,depth,ir"}, {"grey", "depth,ir"}});
  run_named(graph, "fold-input-normalization");
  run_named(graph, "fold-replicated-input");
  EXPECT_EQ(count<Conv>(graph), 2U);
  EXPECT_EQ(count<Expand>(graph), 0U);
  graph = optimized(graph);
  EXPECT_EQ(count<Conv>(graph), 0U);
  EXPECT_EQ(count(graph, BinaryKind::kSub), 0U);
  EXPECT_EQ(graph.type(graph.inputs()[1]).shape, (Shape{1, 1, 8, 8}));
  const size_t movements = count<Transpose>(graph);
  Graph colour = single;
  run_named(colour, "batch-modalities", {{"modalities", "rgb,depth,ir"}});
  EXPECT_EQ(movements, count<Transpose>(optimized(colour)) + 1) << print(graph, {8});
  expect_each_modality(single, graph);
}

}  // namespace
}  // namespace nitro::passes
