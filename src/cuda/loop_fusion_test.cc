#include "cuda/loop_cases.h"
#include "ir/random_graph.h"
#include "passes/testing.h"

namespace nitro::cuda {
namespace {

using passes::random_inputs;
using passes::TestGraph;

/// The graph as one fusion.
void add(LoopCases& cases, const std::string& name, const Graph& graph) {
  cases.add_graph(name, graph, random_inputs(graph, 7));
}

TEST(LoopFusion, Pointwise) {
  LoopCases cases;
  {
    TestGraph g;
    const ValueId x = g.input({2, 3, 8});
    const ValueId swish = g.mul(x, g.unary(UnaryKind::kSigmoid, x));
    const ValueId sum = g.add(swish, g.input({3, 1}));
    add(cases, "swish and residual", g.finish({g.mul(sum, g.scalar(0.3)), sum}));
  }
  {
    TestGraph g;
    ValueId x = g.input({4, 5});
    for (int i = 0; i < 40; ++i) x = g.mul(g.add(x, x), g.scalar(0.5));
    const Graph graph = g.finish({x});
    add(cases, "each value once", graph);
  }
  {
    TestGraph g;
    const ValueId x = g.input({4, 6});
    const ValueId quantized =
        g.node(QuantizeLinear{1}, {x, g.scalar(0.05), g.scalar(3, DType::kI8)});
    add(cases, "fake quantisation",
        g.finish(
            {g.node(DequantizeLinear{1}, {quantized, g.scalar(0.05), g.scalar(3, DType::kI8)})}));
  }
  {
    TestGraph g;
    const ValueId x = g.input({5}, DType::kI8);
    const ValueId sum = g.add(g.add(x, g.scalar(120, DType::kI8)), g.scalar(100, DType::kI8));
    add(cases, "integers wrap in between", g.finish({g.node(Cast{DType::kI32}, {sum})}));
  }
  cases.expect_all();
}

TEST(LoopFusion, Movement) {
  LoopCases cases;
  {
    TestGraph g;
    const ValueId x = g.input({2, 6, 9, 5});
    const ValueId parts = g.reshape(x, {2, 2, 3, 3, 3, 5});
    const ValueId windows = g.transpose(parts, {0, 1, 3, 2, 4, 5});
    add(cases, "windows", g.finish({g.reshape(windows, {12, 9, 5})}));
  }
  {
    TestGraph g;
    const ValueId x = g.input({1, 6, 6, 4});
    const ValueId low = g.node(Slice{{0, 2, 0, 0}, {1, 4, 6, 4}, {1, 1, 1, 1}}, {x});
    const ValueId high = g.node(Slice{{0, 0, 0, 0}, {1, 2, 6, 4}, {1, 1, 1, 1}}, {x});
    const ValueId rolled = g.node(Concat{1}, {low, high});
    const ValueId parts = g.reshape(rolled, {1, 2, 3, 2, 3, 4});
    add(cases, "roll, then windows",
        g.finish({g.reshape(g.transpose(parts, {0, 1, 3, 2, 4, 5}), {4, 36})}));
  }
  {
    TestGraph g;
    const ValueId x = g.input({3, 10});
    const std::vector<ValueId> parts = g.nodes(Split{1, {3, 7}}, {x});
    const ValueId padded =
        g.node(Pad{{0, 2}, {1, 2}, PadMode::kConstant, 0.5}, {g.unary(UnaryKind::kExp, parts[0])});
    const ValueId reversed = g.node(Slice{{2, 6}, {3, 7}, {-1, -1}}, {parts[1]});
    const ValueId wide = g.node(Pad{{0, 0}, {1, 0}, PadMode::kReflect, 0}, {reversed});
    add(cases, "split, pad, reverse", g.finish({g.add(padded, wide)}));
  }
  {
    TestGraph g;
    const ValueId x = g.input({4, 6});
    const ValueId rows = g.node(Gather{0}, {x, g.indices({3, -1, 0, 1, 1})});
    add(cases, "gather and tile",
        g.finish({g.node(Tile{{2, 1}}, {g.unary(UnaryKind::kNeg, g.transpose(rows, {1, 0}))})}));
  }
  cases.expect_all(1e-6);
}

TEST(LoopFusion, Rows) {
  LoopCases cases;
  for (int64_t width : {7, 64, 100, 1500}) {
    TestGraph g;
    const ValueId x = g.input({2, 3, width});
    const ValueId sum = g.add(x, g.weight({width}));
    const ValueId norm = g.layer_norm(sum);
    add(cases, "LayerNorm with both ends", g.finish({g.node(Gelu{true}, {norm}), sum}));
  }
  for (int64_t width : {5, 49, 64}) {
    TestGraph g;
    const ValueId scores = g.mul(g.input({4, 2, 3, width}), g.scalar(0.25));
    const ValueId biased =
        g.add(g.reshape(scores, {2, 2, 2, 3, width}), g.weight({2, 1, 1, 3, width}));
    add(cases, "Softmax of a window", g.finish({g.node(Softmax{4, false}, {biased})}));
  }
  {
    TestGraph g;
    const ValueId norm = g.layer_norm(g.input({3, 4, 40}));
    add(cases, "LayerNorm, then transposed", g.finish({g.transpose(norm, {2, 0, 1})}));
  }
  {
    TestGraph g;
    const ValueId x = g.input({2, 50, 6});
    const ValueId mean =
        g.node(Reduce{ReduceKind::kMean, {1}, false}, {g.unary(UnaryKind::kExp, x)});
    add(cases, "Mean with both ends",
        g.finish({g.add(g.unary(UnaryKind::kSqrt, mean), g.weight({6}))}));
  }
  {
    TestGraph g;
    const ValueId x = g.input({1, 3, 9, 9});
    const ValueId padded = g.node(Pad{{0, 0, 1, 1}, {0, 0, 1, 1}, PadMode::kConstant, 0}, {x});
    const ValueId conv =
        g.node(Conv{{2, 2}, {1, 1}, {0, 0}, {0, 0}, 3}, {padded, g.weight({6, 1, 3, 3})});
    const ValueId norm = g.node(BatchNormalization{1e-5}, {conv, g.weight({6}), g.weight({6}),
                                                           g.weight({6}), g.positive({6})});
    add(cases, "depthwise block", g.finish({g.unary(UnaryKind::kHardSwish, norm)}));
  }
  cases.expect_all(1e-4);
}

TEST(LoopFusion, RandomGraphs) {
  LoopCases cases;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    add(cases, fmt::format("seed {}", seed), random_graph(random, 12));
  }
  cases.expect_all(1e-3);
}

TEST(LoopFusion, StoredAsHalves) {
  LoopCases cases;
  cases.store_halves();
  TestGraph g;
  const ValueId x = g.input({6, 80});
  const ValueId norm = g.layer_norm(g.mul(x, g.scalar(0.5)));
  add(cases, "LayerNorm", g.finish({g.unary(UnaryKind::kSigmoid, norm)}));
  TestGraph h;
  const ValueId y = h.node(Reduce{ReduceKind::kMean, {1}, false}, {h.input({4, 3, 5})});
  add(cases, "Mean", h.finish({h.transpose(y, {1, 0})}));
  cases.expect_all();
}

TEST(LoopFusion, RefusesWhatHasNoCode) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {2}});
  const Opaque op{"", "Secret", "", {{DType::kF32, {2}}}};
  const ValueId y = graph.add_node(op, {x}).value()[0];
  EXPECT_FALSE(plan::has_element_code(graph, graph.node(0)));
  EXPECT_FALSE(plan::fusable(graph, graph.node(0)));
  const auto loop = plan::make_loop(graph, {{0}, {y}}, [](ValueId) { return 0U; }, {1}, {});
  ASSERT_FALSE(loop);
  EXPECT_EQ(loop.error().code, ErrorCode::kUnsupportedOp);
  EXPECT_TRUE(loop.error().message.contains("Secret")) << loop.error().message;
}

}  // namespace
}  // namespace nitro::cuda
