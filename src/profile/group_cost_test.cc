#include "profile/group_cost.h"

#include <gtest/gtest.h>

namespace nitro::profile {
namespace {

/// Each IR node as one node of the model file.
onnx::ImportedModel one_to_one(Graph graph) {
  onnx::ImportedModel model;
  for (NodeId id = 0; id < graph.nodes().size(); ++id) {
    onnx::ModelNode node;
    node.first = id;
    node.last = id + 1;
    model.nodes.push_back(std::move(node));
  }
  model.graph = std::move(graph);
  return model;
}

GroupCost cost_of_nodes(const onnx::ImportedModel& model, const std::vector<size_t>& nodes) {
  return GroupCosts(model).of(nodes);
}

constexpr double kX = 4 * 8 * 16, kW = 4 * 16 * 32, kY = 4 * 8 * 32, kBias = 4 * 32;

/// x[8,16] @ w[16,32] -> reshape [2,4,32] -> + bias[32] -> relu
onnx::ImportedModel linear() {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {8, 16}});
  const ValueId w = graph.add_constant(Tensor({DType::kF32, {16, 32}}), "w");
  const ValueId b = graph.add_constant(Tensor({DType::kF32, {32}}), "b");
  const ValueId product = graph.add_node(MatMul{}, {x, w}).value()[0];
  const ValueId view = graph.add_node(Reshape{{2, 4, 32}}, {product}).value()[0];
  const ValueId sum = graph.add_node(Binary{BinaryKind::kAdd}, {view, b}).value()[0];
  graph.set_outputs({graph.add_node(Unary{UnaryKind::kRelu}, {sum}).value()[0]});
  return one_to_one(std::move(graph));
}

TEST(GroupCost, OfOneNodeIsThatNodes) {
  const GroupCost cost = cost_of_nodes(linear(), {0});
  EXPECT_EQ(cost.flops, 2.0 * 8 * 16 * 32);
  EXPECT_EQ(cost.bytes, kX + kW + kY);
  EXPECT_FALSE(cost.only_movement);
}

TEST(GroupCost, OfAGroupCountsNoInnerTensor) {
  const GroupCost cost = cost_of_nodes(linear(), {0, 1, 2, 3});
  EXPECT_EQ(cost.flops, 2.0 * 8 * 16 * 32 + 2 * 8 * 32);
  EXPECT_EQ(cost.bytes, kX + kW + kBias + kY);
  EXPECT_FALSE(cost.only_movement);
}

TEST(GroupCost, AReshapeIsAnAlias) {
  const onnx::ImportedModel model = linear();
  EXPECT_EQ(cost_of_nodes(model, {0, 1}).bytes, kX + kW + kY);
  EXPECT_EQ(cost_of_nodes(model, {1, 2}).bytes, kY + kBias + kY);
  EXPECT_TRUE(cost_of_nodes(model, {1}).only_movement);
}

TEST(GroupCost, AnInnerTensorThatOthersReadTooIsWritten) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {100}});
  const ValueId a = graph.add_node(Unary{UnaryKind::kExp}, {x}).value()[0];
  const ValueId b = graph.add_node(Unary{UnaryKind::kRelu}, {a}).value()[0];
  const ValueId c = graph.add_node(Unary{UnaryKind::kTanh}, {a}).value()[0];
  graph.set_outputs({b, c});
  EXPECT_EQ(cost_of_nodes(one_to_one(graph), {0, 1}).bytes, 3 * 400)
      << "x is read, the result and the tensor for the other reader are written";
  EXPECT_EQ(cost_of_nodes(one_to_one(graph), {0, 1, 2}).bytes, 3 * 400);
  graph.set_outputs({a, b, c});
  EXPECT_EQ(cost_of_nodes(one_to_one(graph), {0, 1, 2}).bytes, 4 * 400);
}

TEST(GroupCost, ATensorReadTwiceIsReadOnce) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {100}});
  const ValueId square = graph.add_node(Binary{BinaryKind::kMul}, {x, x}).value()[0];
  graph.set_outputs({graph.add_node(Binary{BinaryKind::kAdd}, {square, x}).value()[0]});
  EXPECT_EQ(cost_of_nodes(one_to_one(graph), {0, 1}).bytes, 2 * 400);
}

TEST(GroupCost, MovementAndNothing) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {4, 5}});
  const ValueId turned = graph.add_node(Transpose{{1, 0}}, {x}).value()[0];
  graph.set_outputs({graph.add_node(Reshape{{20}}, {turned}).value()[0]});
  const GroupCost cost = cost_of_nodes(one_to_one(graph), {0, 1});
  EXPECT_TRUE(cost.only_movement);
  EXPECT_EQ(cost.flops, 0);
  EXPECT_EQ(cost.bytes, 2 * 80);
  EXPECT_EQ(cost_of_nodes(one_to_one(graph), {}).bytes, 0);
}

}  // namespace
}  // namespace nitro::profile
