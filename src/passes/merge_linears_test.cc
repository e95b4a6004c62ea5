#include "passes/testing.h"

namespace nitro::passes {
namespace {

TEST(MergeLinears, JoinsThreeIntoOneProduct) {
  TestGraph graph;
  const ValueId x = graph.input({2, 3, 8});
  const ValueId q = graph.linear(x, 4), k = graph.linear(x, 5), v = graph.linear(x, 6);
  const Graph after = expect_rewrite(merge_linears, graph.finish({v, q, k}));
  ASSERT_EQ(count<MatMul>(after), 1U);
  EXPECT_EQ(first<Split>(after).op, Op(Split{2, {4, 5, 6}}));
  EXPECT_EQ(origins(after, first<MatMul>(after)),
            (std::set<std::string>{"n0", "n1", "n2", "n3", "n4", "n5"}));
}

TEST(MergeLinears, JoinsEachGroupOnItsOwn) {
  TestGraph graph;
  const ValueId a = graph.input({3, 8}), b = graph.input({3, 4});
  const ValueId first_sum = graph.add(graph.linear(a, 5), graph.linear(b, 5));
  const ValueId second_sum = graph.add(graph.linear(b, 5), graph.linear(a, 5));
  const Graph after = expect_rewrite(merge_linears, graph.finish({first_sum, second_sum}));
  EXPECT_EQ(count<MatMul>(after), 2U);
}

TEST(MergeLinears, LeavesOneLinear) {
  TestGraph graph;
  expect_unchanged(merge_linears, graph.finish({graph.linear(graph.input({2, 3, 8}), 4)}));
}

TEST(MergeLinears, LeavesLinearsOfDifferentValues) {
  TestGraph graph;
  const ValueId a = graph.linear(graph.input({3, 8}), 4);
  const ValueId b = graph.linear(graph.input({3, 8}), 4);
  expect_unchanged(merge_linears, graph.finish({a, b}));
}

TEST(MergeLinears, LeavesAProductThatIsAnOutput) {
  TestGraph graph;
  const ValueId x = graph.input({3, 8});
  const ValueId product = graph.node(MatMul{}, {x, graph.weight({8, 4})});
  const ValueId sum = graph.add(product, graph.weight({4}));
  expect_unchanged(merge_linears, graph.finish({graph.linear(x, 4), sum, product}));
}

TEST(MergeLinears, LeavesWeightsThatAreInputs) {
  TestGraph graph;
  const ValueId x = graph.input({3, 8});
  const ValueId product = graph.node(MatMul{}, {x, graph.input({8, 4})});
  expect_unchanged(merge_linears,
                   graph.finish({graph.linear(x, 4), graph.add(product, graph.weight({4}))}));
}

TEST(MergeLinears, LeavesBiasesPerRow) {
  TestGraph graph;
  const ValueId x = graph.input({3, 8});
  const ValueId product = graph.node(MatMul{}, {x, graph.weight({8, 4})});
  expect_unchanged(merge_linears,
                   graph.finish({graph.linear(x, 4), graph.add(product, graph.weight({3, 4}))}));
}

}  // namespace
}  // namespace nitro::passes
