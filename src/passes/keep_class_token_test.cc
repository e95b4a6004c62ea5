#include "passes/testing.h"

namespace nitro::passes {
namespace {

constexpr int64_t kTokens = 5, kWidth = 8, kHeads = 2;
const Shape kShape = {2, kTokens, kWidth};

ValueId first_token(TestGraph& graph, ValueId tokens) {
  return graph.node(Gather{1}, {tokens, graph.constant(Tensor::scalar(DType::kI64, 0))});
}

ValueId mlp(TestGraph& graph, ValueId x) {
  return graph.linear(graph.node(Gelu{}, {graph.linear(graph.layer_norm(x), 12)}), kWidth);
}

ValueId heads(TestGraph& graph, ValueId x) {
  const ValueId split = graph.reshape(x, {2, kTokens, kHeads, kWidth / kHeads});
  return graph.transpose(split, {0, 2, 1, 3});
}

ValueId attention(TestGraph& graph, ValueId x) {
  const ValueId q = heads(graph, graph.linear(x, kWidth));
  const ValueId k = graph.transpose(heads(graph, graph.linear(x, kWidth)), {0, 1, 3, 2});
  const ValueId v = heads(graph, graph.linear(x, kWidth));
  const ValueId scores = graph.div(graph.node(MatMul{}, {q, k}), graph.scalar(2));
  const ValueId biased = graph.add(scores, graph.weight({kHeads, kTokens, kTokens}));
  const ValueId mixed = graph.node(MatMul{}, {graph.node(Softmax{3, false}, {biased}), v});
  return graph.linear(graph.reshape(graph.transpose(mixed, {0, 2, 1, 3}), kShape), kWidth);
}

/// Elements of all results of matrix products.
int64_t products(const Graph& graph) {
  int64_t elements = 0;
  for (const Node& node : graph.nodes()) {
    if (std::holds_alternative<MatMul>(node.op)) elements += graph.type(node.outputs[0]).elements();
  }
  return elements;
}

TEST(KeepClassToken, CutsTheLastBlockToOneToken) {
  TestGraph graph;
  const ValueId x = graph.input(kShape);
  const ValueId h = graph.add(attention(graph, graph.layer_norm(x)), x);
  const ValueId y = graph.layer_norm(graph.add(mlp(graph, h), h));
  const ValueId head = graph.linear(first_token(graph, y), 3);
  const Graph before = graph.finish({head});
  const Graph after = expect_rewrite(keep_class_token, before);
  // k and v of all tokens; q, scores, mixed values, projection and MLP of one; the head.
  EXPECT_EQ(products(after), 2 * (2 * kTokens * kWidth + kWidth + kHeads * kTokens + kWidth +
                                  kWidth + 12 + kWidth + 3));
}

TEST(KeepClassToken, CutsTwoBlocksOnlyAtTheLastAttention) {
  TestGraph graph;
  ValueId x = graph.input(kShape);
  for (int block = 0; block < 2; ++block) {
    x = graph.add(attention(graph, graph.layer_norm(x)), x);
    x = graph.add(mlp(graph, x), x);
  }
  const Graph after = expect_rewrite(keep_class_token, graph.finish({first_token(graph, x)}));
  EXPECT_EQ(count<Softmax>(after), 2U);
  EXPECT_EQ(after.type(first<Softmax>(after).outputs[0]).shape[2], kTokens);
}

TEST(KeepClassToken, StopsAtProjectedAttention) {
  TestGraph graph;
  const ValueId x = graph.input(kShape);
  const ValueId attended = graph.node(ProjectedAttention{kHeads, 0.5},
                                      {x, graph.weight({kWidth, 24}), graph.weight({24})});
  const ValueId h = graph.add(graph.linear(attended, kWidth), x);
  const Graph after = expect_rewrite(keep_class_token, graph.finish({first_token(graph, h)}));
  EXPECT_EQ(after.type(first<ProjectedAttention>(after).outputs[0]).shape, kShape);
  EXPECT_EQ(products(after), 2 * kWidth);
}

TEST(KeepClassToken, CutsQOfAttention) {
  TestGraph graph;
  const ValueId x = graph.input(kShape);
  const ValueId q = graph.linear(x, kWidth), k = graph.linear(x, kWidth);
  const ValueId y = graph.node(Attention{.heads = kHeads, .key_heads = kHeads, .scale = 0.5},
                               {q, k, graph.linear(x, kWidth)});
  const Graph after = expect_rewrite(keep_class_token, graph.finish({first_token(graph, y)}));
  EXPECT_EQ(after.type(first<Attention>(after).outputs[0]).shape, (Shape{2, 1, kWidth}));
}

TEST(KeepClassToken, TakesASliceOfAnyToken) {
  for (int64_t token : {0, 3}) {
    TestGraph graph;
    const ValueId y =
        mlp(graph, graph.add(graph.input(kShape), graph.weight({1, kTokens, kWidth})));
    const ValueId one = graph.node(
        Slice{.starts = {0, token, 0}, .sizes = {2, 1, kWidth}, .steps = {1, 1, 1}}, {y});
    const Graph after = expect_rewrite(keep_class_token, graph.finish({one}));
    EXPECT_EQ(products(after), 2 * (12 + kWidth));
  }
}

TEST(KeepClassToken, CountsNegativePositionsFromTheEnd) {
  TestGraph graph;
  const ValueId y = mlp(graph, graph.input(kShape));
  const ValueId last = graph.node(Gather{1}, {y, graph.indices({-1})});
  expect_rewrite(keep_class_token, graph.finish({last}));
}

TEST(KeepClassToken, CutsMeansOverTheWidth) {
  TestGraph graph;
  const ValueId x = graph.input(kShape);
  const ValueId centred = graph.sub(x, graph.node(Reduce{ReduceKind::kMean, {2}, true}, {x}));
  const Graph after = expect_rewrite(keep_class_token, graph.finish({first_token(graph, centred)}));
  EXPECT_EQ(after.type(first<Reduce>(after).outputs[0]).shape, (Shape{2, 1, 1}));
}

TEST(KeepClassToken, KeepsOrigins) {
  TestGraph graph;
  const ValueId y = graph.unary(UnaryKind::kTanh, graph.input(kShape));
  const Graph after = expect_rewrite(keep_class_token, graph.finish({first_token(graph, y)}));
  EXPECT_EQ(origins(after, first<Unary>(after)), (std::set<std::string>{"n0"}));
}

TEST(KeepClassToken, LeavesTokensThatAreAnOutput) {
  TestGraph graph;
  const ValueId y = mlp(graph, graph.input(kShape));
  expect_unchanged(keep_class_token, graph.finish({first_token(graph, y), y}));
}

TEST(KeepClassToken, LeavesTwoDifferentTokens) {
  TestGraph graph;
  const ValueId y = mlp(graph, graph.input(kShape));
  const ValueId second = graph.node(Gather{1}, {y, graph.indices({1})});
  expect_unchanged(keep_class_token, graph.finish({first_token(graph, y), second}));
}

TEST(KeepClassToken, LeavesTwoTokensAtOnce) {
  TestGraph graph;
  const ValueId y = mlp(graph, graph.input(kShape));
  expect_unchanged(keep_class_token,
                   graph.finish({graph.node(Gather{1}, {y, graph.indices({0, 1})})}));
}

TEST(KeepClassToken, LeavesAMeanOverTokens) {
  TestGraph graph;
  const ValueId y = mlp(graph, graph.input(kShape));
  const ValueId mean = graph.node(Reduce{ReduceKind::kMean, {1}, true}, {y});
  expect_unchanged(keep_class_token, graph.finish({graph.add(first_token(graph, y), mean)}));
}

TEST(KeepClassToken, LeavesOpsThatMixTokens) {
  TestGraph graph;
  const ValueId y = graph.node(Softmax{1, false}, {graph.input(kShape)});
  expect_unchanged(keep_class_token, graph.finish({first_token(graph, y)}));
}

TEST(KeepClassToken, LeavesCausalAttention) {
  TestGraph graph;
  const ValueId x = graph.input(kShape);
  const ValueId y = graph.node(
      Attention{.heads = kHeads, .key_heads = kHeads, .scale = 0.5, .causal = true}, {x, x, x});
  expect_unchanged(keep_class_token, graph.finish({first_token(graph, y)}));
}

}  // namespace
}  // namespace nitro::passes
