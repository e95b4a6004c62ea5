#include "reference/executor.h"

#include <gtest/gtest.h>

namespace nitro::reference {
namespace {

Tensor row(std::vector<double> values) {
  return Tensor::of(DType::kF32, {static_cast<int64_t>(values.size())}, values);
}

ValueId unary(Graph& graph, UnaryKind kind, ValueId x, std::vector<OriginId> origins = {}) {
  return graph.add_node(Unary{kind}, {x}, std::move(origins)).value()[0];
}

ValueId binary(Graph& graph, BinaryKind kind, ValueId a, ValueId b) {
  return graph.add_node(Binary{kind}, {a, b}).value()[0];
}

TEST(Executor, ComputesOutputsInTheirOrder) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {2}});
  const ValueId w = graph.add_constant(row({10, 20}));
  const ValueId sum = binary(graph, BinaryKind::kAdd, x, w);
  const ValueId product = binary(graph, BinaryKind::kMul, sum, x);
  graph.set_outputs({product, sum, x, w, product});
  const auto outputs = execute(graph, std::vector{row({1, -2})}).value();
  ASSERT_EQ(outputs.size(), 5U);
  EXPECT_EQ(outputs[0], row({11, -36}));
  EXPECT_EQ(outputs[1], row({11, 18}));
  EXPECT_EQ(outputs[2], row({1, -2}));
  EXPECT_EQ(outputs[3], row({10, 20}));
  EXPECT_EQ(outputs[4], outputs[0]);
}

TEST(Executor, GivesValuesInTheMiddleAndRunsOnlyWhatTheyNeed) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {2}});
  const ValueId negative = unary(graph, UnaryKind::kNeg, x);
  const ValueId last = unary(graph, UnaryKind::kRelu, negative);
  graph.set_outputs({last});
  std::vector<size_t> totals;
  const ExecuteOptions options{.progress = [&](size_t, size_t total) {
    totals.push_back(total);
    return true;
  }};
  const auto values =
      execute_values(graph, std::vector{row({1, -2})}, std::vector{negative}, options).value();
  EXPECT_EQ(values[0], row({-1, 2}));
  EXPECT_EQ(totals, std::vector<size_t>{1});
}

TEST(Executor, NamesTheWrongInput) {
  Graph graph;
  graph.add_input("left", {DType::kF32, {2}});
  const ValueId right = graph.add_input("right", {DType::kI64, {2}});
  graph.set_outputs({right});
  const auto result = execute(graph, std::vector{row({1, 2}), row({1, 2})});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kShapeMismatch);
  EXPECT_EQ(result.error().message, "input 1 ('right') takes i64[2], f32[2] is given");
  const auto missing = execute(graph, std::vector{row({1, 2})});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::kShapeMismatch);
}

TEST(Executor, NamesTheNodeThatFails) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {2}});
  const OriginId origin = graph.add_origin({"/blocks.0/Strange", "blocks.0"});
  const Opaque strange{"com.example", "Strange", "", {{DType::kF32, {2}}}};
  graph.set_outputs({graph.add_node(strange, {x}, {origin}).value()[0]});
  const auto result = execute(graph, std::vector{row({1, 2})});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kUnsupportedOp);
  EXPECT_EQ(result.error().context, std::vector<std::string>{"node /blocks.0/Strange (blocks.0)"});
}

TEST(Executor, FreesValuesAfterTheirLastUse) {
  Graph graph;
  ValueId x = graph.add_input("x", {DType::kF32, {100}});
  for (int i = 0; i < 20; ++i) x = unary(graph, UnaryKind::kNeg, x);
  graph.set_outputs({x});
  const std::vector<Tensor> inputs{Tensor({DType::kF32, {100}})};
  // One value is read while the next is written.
  EXPECT_TRUE(execute(graph, inputs, {.memory_limit_bytes = 800}).has_value());
  const auto result = execute(graph, inputs, {.memory_limit_bytes = 799});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kOutOfMemory);
}

TEST(Executor, KeepsAValueReadTwiceByOneNode) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {2}});
  const ValueId negative = unary(graph, UnaryKind::kNeg, x);
  const ValueId square = binary(graph, BinaryKind::kMul, negative, negative);
  graph.set_outputs({binary(graph, BinaryKind::kAdd, square, negative)});
  EXPECT_EQ(execute(graph, std::vector{row({3, -2})}).value()[0], row({6, 6}));
}

TEST(Executor, HugeResultIsAnErrorNotACrash) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {1}});
  const Ints shape{int64_t{1} << 50};
  graph.set_outputs({graph.add_node(Expand{shape}, {x}).value()[0]});
  const auto result =
      execute(graph, std::vector{row({1})}, {.memory_limit_bytes = int64_t{1} << 30});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kOutOfMemory);
}

TEST(Executor, StopsWhenAsked) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {2}});
  graph.set_outputs({unary(graph, UnaryKind::kNeg, unary(graph, UnaryKind::kNeg, x))});
  const ExecuteOptions options{.progress = [](size_t, size_t) { return false; }};
  const auto result = execute(graph, std::vector{row({1, 2})}, options);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kInterrupted);
  EXPECT_EQ(result.error().message, "stopped after 1 of 2 nodes");
}

TEST(Executor, RefusesAValueThatDoesNotExist) {
  Graph graph;
  const auto result = execute_values(graph, {}, std::vector<ValueId>{7});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace nitro::reference
