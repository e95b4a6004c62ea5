// What ONNX Runtime really executes, joined with the model file.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "cost/cost.h"
#include "onnx/export_model.h"
#include "passes/testing.h"
#include "profile/join.h"
#include "profile/profile.h"
#include "runner/registry.h"

namespace nitro::profile {
namespace {

using passes::TestGraph;
using Names = std::set<std::string>;

/// A model as ONNX Runtime executes it with all of its optimisations.
struct Executed {
  onnx::ImportedModel model;
  runner::NodeProfile profile;
  std::vector<Covered> covered;

  size_t find(std::string_view op_type) const {
    const auto found = std::ranges::find(profile.nodes, op_type, &runner::NodeTime::op_type) -
                       profile.nodes.begin();
    if (found == std::ssize(profile.nodes)) ADD_FAILURE() << "no " << op_type << " was executed";
    return static_cast<size_t>(found);
  }
  /// Types of the model's nodes that executed node `index` covers.
  std::multiset<std::string> covers(size_t index) const {
    std::multiset<std::string> types;
    if (index >= covered.size()) return types;
    for (size_t node : covered[index].nodes) types.insert(model.nodes[node].op_type);
    return types;
  }
  std::string listing() const {
    std::string text;
    for (size_t i = 0; i < covered.size(); ++i) {
      text += profile.nodes[i].op_type + (covered[i].inserted ? " (inserted):" : ":");
      for (size_t node : covered[i].nodes) text += " " + model.nodes[node].name;
      text += "\n";
    }
    return text;
  }
};

Result<Executed> execute(const Graph& graph) {
  const ScratchFolder folder = TRY(ScratchFolder::create("nitro-test"));
  const auto file = folder.path() / "model.onnx";
  TRY(onnx::write_model(graph, file));
  Executed result;
  result.model = TRY(onnx::import_model(file));
  runner::Runner runner = TRY(runner::start_runner("ort"));
  const runner::LoadedModel loaded = TRY(runner.load(file, {.graph_level = "all"}));
  runner::NamedTensors inputs;
  const auto tensors = passes::random_inputs(graph, 3);
  for (size_t i = 0; i < tensors.size(); ++i)
    inputs.emplace(graph.value(graph.inputs()[i]).name, tensors[i]);
  result.profile = TRY(runner.profile({loaded.handle, TRY(runner.stage(inputs))}, 3));
  result.covered = join(result.model, result.profile.nodes);
  TRY(runner.bye());
  return result;
}

/// Everything executed is joined to something, and every node of the model is covered by somebody.
void expect_complete(const Executed& executed) {
  std::set<size_t> seen;
  for (size_t i = 0; i < executed.covered.size(); ++i) {
    EXPECT_FALSE(executed.covered[i].nodes.empty()) << executed.profile.nodes[i].op_type;
    seen.insert(executed.covered[i].nodes.begin(), executed.covered[i].nodes.end());
  }
  EXPECT_EQ(seen.size(), executed.model.nodes.size());
  measure::Roofs roofs;
  roofs.by_threads = {{.threads = 1, .fp32_flops = 1e10, .dram_bytes_per_s = 1e10}};
  roofs.dispatch_ns = 1000;
  const Profile profile = build_profile(executed.profile, {executed.model, roofs, 1, {}, 1e6, 1});
  EXPECT_EQ(profile.attributed_share, 1);
  double flops = 0;
  for (const Node& node : executed.model.graph.nodes())
    flops += cost::cost_of(executed.model.graph, node).flops;
  EXPECT_DOUBLE_EQ(profile.modules[0].flops, flops) << "the work of each node counts once";
}

ValueId decomposed_layer_norm(TestGraph& graph, ValueId x) {
  const Reduce mean{ReduceKind::kMean, {static_cast<int64_t>(graph.shape(x).size()) - 1}, true};
  const ValueId centred = graph.sub(x, graph.node(mean, {x}));
  const ValueId square = graph.node(Binary{BinaryKind::kPow}, {centred, graph.scalar(2)});
  const ValueId deviation =
      graph.unary(UnaryKind::kSqrt, graph.add(graph.node(mean, {square}), graph.scalar(1e-5)));
  const Shape width = {graph.shape(x).back()};
  return graph.add(graph.mul(graph.div(centred, deviation), graph.positive(width)),
                   graph.weight(width));
}

ValueId decomposed_gelu(TestGraph& graph, ValueId x) {
  const ValueId erf = graph.unary(UnaryKind::kErf, graph.div(x, graph.scalar(std::numbers::sqrt2)));
  return graph.mul(graph.mul(x, graph.add(erf, graph.scalar(1))), graph.scalar(0.5));
}

TEST(JoinOrt, MatMulAndAddBecomeAGemmBetweenReshapes) {
  TestGraph graph;
  const ValueId x = graph.unary(UnaryKind::kTanh, graph.input({2, 49, 32}));
  const ValueId y = graph.unary(UnaryKind::kTanh, graph.linear(x, 64));
  const auto executed = execute(graph.finish({y}));
  ASSERT_TRUE(executed.has_value()) << executed.error().text();
  SCOPED_TRACE(executed->listing());
  expect_complete(*executed);
  const std::multiset<std::string> linear = {"MatMul", "Add"};
  EXPECT_EQ(executed->covers(executed->find("Gemm")), linear);
  for (size_t i = 0; i < executed->covered.size(); ++i) {
    const std::string& op = executed->profile.nodes[i].op_type;
    if (op == "Reshape") {
      EXPECT_EQ(executed->covers(i), linear);
    } else if (op == "Tanh") {
      EXPECT_EQ(executed->covers(i), std::multiset<std::string>{"Tanh"});
    }
  }
}

TEST(JoinOrt, LayerNormalization) {
  TestGraph graph;
  const ValueId x = graph.unary(UnaryKind::kTanh, graph.input({2, 49, 32}));
  const auto executed = execute(graph.finish({decomposed_layer_norm(graph, x)}));
  ASSERT_TRUE(executed.has_value()) << executed.error().text();
  SCOPED_TRACE(executed->listing());
  expect_complete(*executed);
  const auto covers = executed->covers(executed->find("LayerNormalization"));
  EXPECT_EQ(covers, (std::multiset<std::string>{"ReduceMean", "Sub", "Pow", "ReduceMean", "Add",
                                                "Sqrt", "Div", "Mul", "Add"}));
}

TEST(JoinOrt, GeluWithAndWithoutItsBias) {
  TestGraph graph;
  const ValueId x = graph.unary(UnaryKind::kTanh, graph.input({2, 49, 32}));
  const ValueId plain = decomposed_gelu(graph, x);
  const auto alone = execute(graph.finish({plain}));
  ASSERT_TRUE(alone.has_value()) << alone.error().text();
  {
    SCOPED_TRACE(alone->listing());
    expect_complete(*alone);
    EXPECT_EQ(alone->covers(alone->find("Gelu")),
              (std::multiset<std::string>{"Div", "Erf", "Add", "Mul", "Mul"}));
  }
  TestGraph with_bias;
  const ValueId hidden = with_bias.linear(with_bias.input({2, 49, 32}), 64);
  const auto both = execute(with_bias.finish({decomposed_gelu(with_bias, hidden)}));
  ASSERT_TRUE(both.has_value()) << both.error().text();
  SCOPED_TRACE(both->listing());
  expect_complete(*both);
}

TEST(JoinOrt, BlockedConvolutionsWithTheirReorders) {
  TestGraph graph;
  const Conv conv{{1, 1}, {1, 1}, {1, 1}, {1, 1}, 1};
  const ValueId x = graph.input({1, 16, 14, 14});
  const ValueId a = graph.node(conv, {x, graph.weight({32, 16, 3, 3}), graph.weight({32})});
  const ValueId b = graph.node(
      conv, {graph.unary(UnaryKind::kRelu, a), graph.weight({32, 32, 3, 3}), graph.weight({32})});
  const auto executed = execute(graph.finish({graph.unary(UnaryKind::kTanh, b)}));
  ASSERT_TRUE(executed.has_value()) << executed.error().text();
  SCOPED_TRACE(executed->listing());
  expect_complete(*executed);
  bool reordered = false;
  for (size_t i = 0; i < executed->covered.size(); ++i) {
    const std::string& op = executed->profile.nodes[i].op_type;
    if (!op.starts_with("Reorder")) continue;
    reordered = true;
    EXPECT_TRUE(executed->covers(i).contains("Conv")) << "the layout is the convolution's";
  }
  if (!reordered) GTEST_SKIP() << "this processor has no blocked convolutions";
}

}  // namespace
}  // namespace nitro::profile
