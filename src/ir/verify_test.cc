#include "ir/verify.h"

#include <gtest/gtest.h>

#include "ir/random_graph.h"

namespace nitro {
namespace {

/// %0 input, %1 constant, %2 = %0 + %1, %3 = relu(%2).
Graph small_graph() {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {2}});
  const ValueId w = graph.add_constant(Tensor({DType::kF32, {2}}), "w");
  const OriginId add = graph.add_origin({"Add_0", "block"});
  const OriginId relu = graph.add_origin({"Relu_1", "block"});
  const ValueId sum = graph.add_node(Binary{BinaryKind::kAdd}, {x, w}, {add}).value()[0];
  const ValueId y = graph.add_node(Unary{UnaryKind::kRelu}, {sum}, {add, relu}).value()[0];
  graph.set_outputs({y});
  return graph;
}

// A Graph cannot be broken through its interface, so these reach past it.
Value& value(Graph& graph, ValueId id) { return const_cast<Value&>(graph.value(id)); }
Node& node(Graph& graph, NodeId id) { return const_cast<Node&>(graph.node(id)); }
std::vector<ValueId>& inputs(Graph& graph) {
  return const_cast<std::vector<ValueId>&>(graph.inputs());
}
std::vector<Origin>& origins(Graph& graph) {
  return const_cast<std::vector<Origin>&>(graph.origins());
}

template <class Break>
std::string problem(Break&& break_graph) {
  Graph graph = small_graph();
  break_graph(graph);
  const auto verified = verify(graph);
  return verified ? "none" : verified.error().text();
}

TEST(Verify, AcceptsValidGraphs) {
  EXPECT_TRUE(verify(Graph()).has_value());
  EXPECT_TRUE(verify(small_graph()).has_value());
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const auto verified = verify(random_graph(random, 30));
    EXPECT_TRUE(verified.has_value()) << "seed " << seed << ": " << verified.error().text();
  }
}

TEST(Verify, Names) {
  EXPECT_EQ(problem([](Graph& g) { g.name = std::string("\xff"); }),
            "the name of the graph is not valid UTF-8");
  EXPECT_EQ(problem([](Graph& g) { g.set_value_name(3, "\xc3"); }),
            "the name of %3 is not valid UTF-8");
  EXPECT_EQ(problem([](Graph& g) { g.set_value_name(3, std::string(kMaxNameBytes, 'a')); }),
            "none");
  EXPECT_EQ(problem([](Graph& g) { g.set_value_name(3, std::string(kMaxNameBytes + 1, 'a')); }),
            "the name of %3 has 65537 bytes, the limit is 65536");
  EXPECT_EQ(problem([](Graph& g) { g.add_input("x", {}); }), "two inputs are named 'x'");
  EXPECT_EQ(problem([](Graph& g) {
              g.add_input("", {});
              g.add_input("", {});
            }),
            "two inputs are named ''");
}

TEST(Verify, OriginsMayHoldAnySeparator) {
  Graph graph = small_graph();
  EXPECT_NE(graph.add_origin({"a\nb", "c"}), graph.add_origin({"a", "b\nc"}));
  EXPECT_NE(graph.add_origin({"1:a", "b"}), graph.add_origin({"1", ":ab"}));
  const auto verified = verify(graph);
  EXPECT_TRUE(verified) << verified.error().text();
}

TEST(Verify, Origins) {
  EXPECT_EQ(problem([](Graph& g) { origins(g)[1] = origins(g)[0]; }),
            "origin Add_0 is listed twice");
  EXPECT_EQ(problem([](Graph& g) { g.add_origin({"\xff", ""}); }),
            "the name of an origin's node is not valid UTF-8");
  EXPECT_EQ(problem([](Graph& g) { node(g, 1).origins = {1, 0}; }),
            "node 1 (Unary): the origins are not sorted and unique");
  EXPECT_EQ(problem([](Graph& g) { node(g, 1).origins = {1, 1}; }),
            "node 1 (Unary): the origins are not sorted and unique");
  EXPECT_EQ(problem([](Graph& g) { node(g, 1).origins = {0, 2}; }),
            "node 1 (Unary): an origin is not in the table");
}

TEST(Verify, InputsAndOutputs) {
  EXPECT_EQ(problem([](Graph& g) { inputs(g) = {0, 0}; }),
            "the inputs are out of order or repeated");
  EXPECT_EQ(problem([](Graph& g) { inputs(g) = {0, 9}; }), "input %9 does not exist");
  EXPECT_EQ(problem([](Graph& g) { inputs(g) = {0, 1}; }), "input %1 is also a constant");
  EXPECT_EQ(problem([](Graph& g) { inputs(g) = {0, 2}; }), "input %2 is also the result of a node");
  EXPECT_EQ(problem([](Graph& g) { inputs(g) = {}; }),
            "%0 is no input, constant or result of a node");
  EXPECT_EQ(problem([](Graph& g) { g.set_outputs({4}); }), "graph output %4 does not exist");
  EXPECT_EQ(problem([](Graph& g) { g.set_outputs({kNoValue}); }),
            "graph output %4294967295 does not exist");
}

TEST(Verify, Values) {
  EXPECT_EQ(problem([](Graph& g) { g.add_input("y", {DType::kF32, Shape(17, 1)}); }),
            "%4: rank 17 is above the limit of 16");
  EXPECT_EQ(problem([](Graph& g) { g.add_input("y", {DType::kF32, {-1}}); }),
            "%4: dimension -1 of shape -1 is negative");
  EXPECT_EQ(problem([](Graph& g) { g.add_input("y", {static_cast<DType>(9), {}}); }),
            "%4 has no element type");
  EXPECT_EQ(problem([](Graph& g) { value(g, 1).type.shape = {3}; }),
            "constant %1 is f32[2], its value f32[3]");
  EXPECT_EQ(problem([](Graph& g) {
              value(g, 1).constant = Tensor();
              value(g, 1).type = {};
            }),
            "constant %1 has no elements");
  EXPECT_EQ(problem([](Graph& g) { value(g, 1).producer = 0; }),
            "constant %1 is also the result of a node");
  EXPECT_EQ(problem([](Graph& g) { g.add_constant(Tensor::scalar(DType::kBool, 2)); }),
            "bool constant %4 holds a byte that is neither 0 nor 1");
  EXPECT_EQ(problem([](Graph& g) { value(g, 2).producer = 7; }),
            "%2 is made by node 7, which does not exist");
  EXPECT_EQ(problem([](Graph& g) { value(g, 2).producer = 1; }),
            "%2 is not among the outputs of its producer");
}

TEST(Verify, Nodes) {
  EXPECT_EQ(problem([](Graph& g) { node(g, 0).inputs[1] = 9; }),
            "node 0 (Binary): operand %9 does not exist");
  EXPECT_EQ(problem([](Graph& g) { node(g, 0).inputs[1] = 3; }),
            "node 0 (Binary): operand %3 is made later");
  EXPECT_EQ(problem([](Graph& g) { node(g, 0).inputs[1] = 2; }),
            "node 0 (Binary): operand %2 is made later");
  EXPECT_EQ(
      problem([](Graph& g) { node(g, 0).inputs[1] = g.add_constant(Tensor({DType::kF32, {2}})); }),
      "node 0 (Binary): operand %4 has a higher id than the results");
  EXPECT_EQ(problem([](Graph& g) { node(g, 1).outputs = {9}; }),
            "%3 is not among the outputs of its producer");
  EXPECT_EQ(problem([](Graph& g) { node(g, 1).outputs.push_back(9); }),
            "node 1 (Unary): result %9 does not exist");
  EXPECT_EQ(problem([](Graph& g) { node(g, 1).outputs.push_back(2); }),
            "node 1 (Unary): result %2 has another producer");
  EXPECT_EQ(problem([](Graph& g) { node(g, 1).outputs.push_back(3); }),
            "node 1 (Unary): result %3 is out of order");
  EXPECT_EQ(problem([](Graph& g) { value(g, 3).type.shape = {3}; }),
            "node 1 (Unary): result %3 is stored as f32[3], inferred f32[2]");
  EXPECT_NE(problem([](Graph& g) { node(g, 0).inputs[1] = kNoValue; }).find("is missing"),
            std::string::npos);
  EXPECT_EQ(problem([](Graph& g) { std::get<Unary>(node(g, 1).op).kind = UnaryKind::kIsNaN; }),
            "node 1 (Unary): result %3 is stored as f32[2], inferred bool[2]");
}

}  // namespace
}  // namespace nitro
