#include "passes/testing.h"

namespace nitro::passes {
namespace {

TEST(LowerLinear, BecomesAGemmOnRows) {
  TestGraph graph;
  const Graph after =
      expect_rewrite(lower_linear, graph.finish({graph.linear(graph.input({2, 3, 8}), 4)}));
  EXPECT_EQ(count<MatMul>(after), 0U);
  const Node& gemm = first<Gemm>(after);
  EXPECT_EQ(after.type(gemm.outputs[0]).shape, (Shape{6, 4}));
  EXPECT_EQ(origins(after, gemm), (std::set<std::string>{"n0", "n1"}));
}

TEST(LowerLinear, LowersEachOfAChain) {
  TestGraph graph;
  const ValueId hidden = graph.node(Gelu{}, {graph.linear(graph.input({2, 3, 8}), 4)});
  const Graph after = expect_rewrite(lower_linear, graph.finish({graph.linear(hidden, 5)}));
  EXPECT_EQ(count<Gemm>(after), 2U);
}

TEST(LowerLinear, LeavesAProductWithoutBias) {
  TestGraph graph;
  const ValueId x = graph.input({2, 3, 8});
  expect_unchanged(lower_linear, graph.finish({graph.node(MatMul{}, {x, graph.weight({8, 4})})}));
}

TEST(LowerLinear, LeavesAProductThatIsReadElsewhere) {
  TestGraph graph;
  const ValueId product = graph.node(MatMul{}, {graph.input({2, 3, 8}), graph.weight({8, 4})});
  const ValueId sum = graph.add(product, graph.weight({4}));
  expect_unchanged(lower_linear, graph.finish({graph.mul(sum, product)}));
}

TEST(LowerLinear, LeavesAProductThatIsAnOutput) {
  TestGraph graph;
  const ValueId product = graph.node(MatMul{}, {graph.input({2, 3, 8}), graph.weight({8, 4})});
  expect_unchanged(lower_linear, graph.finish({graph.add(product, graph.weight({4})), product}));
}

TEST(LowerLinear, LeavesABiasPerRow) {
  TestGraph graph;
  const ValueId product = graph.node(MatMul{}, {graph.input({2, 3, 8}), graph.weight({8, 4})});
  expect_unchanged(lower_linear, graph.finish({graph.add(product, graph.weight({3, 4}))}));
}

TEST(LowerLinear, LeavesBatchesOfWeights) {
  TestGraph graph;
  const ValueId product = graph.node(MatMul{}, {graph.input({2, 3, 8}), graph.weight({2, 8, 4})});
  expect_unchanged(lower_linear, graph.finish({graph.add(product, graph.weight({4}))}));
}

}  // namespace
}  // namespace nitro::passes
