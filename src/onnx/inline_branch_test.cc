#include "onnx/inline_branch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "onnx/export_model.h"
#include "onnx/model_case.h"

namespace nitro::onnx {
namespace {

/// y = Erf(c ? Softmax(h) : h), with h = Relu(x).
ModelCase choice() {
  ModelCase model;
  ModelCase::node(model.graph(), "Relu", {"x"}, {"h"});
  auto& node = ModelCase::node(model.graph(), "If", {"c"}, {"m"});
  auto& taken = ModelCase::subgraph(node, "then_branch");
  ModelCase::node(taken, "Softmax", {"h"}, {"inner"});
  taken.add_output()->set_name("inner");
  ModelCase::subgraph(node, "else_branch").add_output()->set_name("h");
  ModelCase::node(model.graph(), "Erf", {"m"}, {"y"});
  return model;
}

TEST(InlineBranch, AKnownConditionTakesItsBranch) {
  for (const bool condition : {true, false}) {
    ModelCase model = choice();
    model.condition("c", condition);
    const auto imported = model.import();
    ASSERT_TRUE(imported) << imported.error().text();
    EXPECT_EQ(ops_of(imported->graph), condition ? "Relu Softmax Erf" : "Relu Erf");
  }
}

TEST(InlineBranch, AConditionIsKnownAfterFoldingShapes) {
  ModelCase model = choice();
  ModelCase::node(model.graph(), "Shape", {"x"}, {"s"});
  ModelCase::node(model.graph(), "Equal", {"s", "s"}, {"equal"});
  ModelCase::node(model.graph(), "Cast", {"equal"}, {"numbers"});
  ModelCase::attribute(*model.graph().mutable_node(5), "to", ::onnx::AttributeProto::INT)
      .set_i(::onnx::TensorProto::INT32);
  ModelCase::node(model.graph(), "ReduceMin", {"numbers"}, {"least"});
  ModelCase::attribute(*model.graph().mutable_node(6), "keepdims", ::onnx::AttributeProto::INT)
      .set_i(0);
  ModelCase::node(model.graph(), "Cast", {"least"}, {"c"});
  ModelCase::attribute(*model.graph().mutable_node(7), "to", ::onnx::AttributeProto::INT)
      .set_i(::onnx::TensorProto::BOOL);
  const auto imported = model.import();
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_EQ(ops_of(imported->graph), "Relu Softmax Erf");
}

TEST(InlineBranch, AnUnknownConditionStaysOpaque) {
  ModelCase model = choice();
  auto& input = *model.graph().add_input();
  ModelCase::declare(input, "c", {});
  input.mutable_type()->mutable_tensor_type()->set_elem_type(::onnx::TensorProto::BOOL);
  ModelCase::declare(*model.graph().add_value_info(), "m", {2, 3});
  const auto imported = model.import();
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_TRUE(std::holds_alternative<Opaque>(imported->graph.nodes().at(1).op));
}

TEST(InlineBranch, BranchesMayUseTheSameNames) {
  ModelCase model;
  for (const auto& [from, to] : {std::pair("x", "a"), std::pair("a", "y")}) {
    auto& node = ModelCase::node(model.graph(), "If", {"c"}, {to});
    auto& taken = ModelCase::subgraph(node, "then_branch");
    ModelCase::node(taken, "Relu", {from}, {"inner"});
    ModelCase::node(taken, "Softmax", {"inner"}, {"result"});
    taken.add_output()->set_name("result");
  }
  model.condition("c", true);
  const auto imported = model.import();
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_EQ(ops_of(imported->graph), "Relu Softmax Relu Softmax");
  EXPECT_TRUE(export_model(imported->graph));
}

TEST(InlineBranch, BranchesNestAndListAnOutputTwice) {
  ModelCase model;
  auto& node = ModelCase::node(model.graph(), "If", {"c"}, {"a", "b"});
  auto& outer = ModelCase::subgraph(node, "then_branch");
  auto& nested = ModelCase::node(outer, "If", {"c"}, {"result"});
  auto& inner = ModelCase::subgraph(nested, "then_branch");
  ModelCase::node(inner, "Relu", {"x"}, {"deep"});
  inner.add_output()->set_name("deep");
  outer.add_output()->set_name("result");
  outer.add_output()->set_name("result");
  ModelCase::node(model.graph(), "Add", {"a", "b"}, {"y"});
  model.condition("c", true);
  const auto imported = model.import();
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_EQ(ops_of(imported->graph), "Relu Add");
}

TEST(InlineBranch, AWrongBranchNamesTheIf) {
  ModelCase model;
  auto& node = ModelCase::node(model.graph(), "If", {"c"}, {"y"});
  node.set_name("culprit");
  auto& taken = ModelCase::subgraph(node, "then_branch");
  taken.add_sparse_initializer();
  taken.add_output()->set_name("x");
  model.condition("c", true);
  EXPECT_TRUE(model.error().contains("node 'culprit' (If): sparse")) << model.error();
}

std::vector<std::string> names_of(const ImportedModel& model) {
  std::vector<std::string> names;
  for (const ModelNode& node : model.nodes) names.push_back(node.name);
  return names;
}

TEST(InlineBranch, OnlyNamesInUseOutsideChange) {
  ModelCase model = choice();
  auto& taken = *model.graph().mutable_node(1)->mutable_attribute(0)->mutable_g();
  taken.mutable_node(0)->set_output(0, "x");  // a name of outside
  ModelCase::node(taken, "Erf", {"x"}, {"own"});
  ModelCase::node(taken, "Sin", {"own"}, {"result"});
  taken.mutable_output(0)->set_name("result");
  auto& other = *model.graph().mutable_node(1)->mutable_attribute(1)->mutable_g();
  ModelCase::node(other, "Relu", {"h"}, {"own"});
  model.condition("c", true);
  const auto imported = model.import();
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_EQ(imported->nodes.at(1).outputs, std::vector<std::string>{"x_1"});
  EXPECT_EQ(imported->nodes.at(2).outputs, std::vector<std::string>{"own"});
}

TEST(InlineBranch, NamesInSubgraphsOfTheBranchStayInUse) {
  ModelCase model;
  auto& node = ModelCase::node(model.graph(), "If", {"c"}, {"y"});
  auto& taken = ModelCase::subgraph(node, "then_branch");
  ModelCase::node(taken, "Relu", {"x"}, {"inner"});
  auto& kept = ModelCase::node(taken, "If", {"unknown"}, {"result"});
  auto& nested = ModelCase::subgraph(kept, "then_branch");
  ModelCase::node(nested, "Erf", {"inner"}, {"inner_1"});
  nested.add_output()->set_name("inner_1");
  ModelCase::declare(*taken.add_output(), "result", {2, 3});
  ModelCase::node(model.graph(), "Sin", {"x"}, {"inner"});
  model.condition("c", true);
  auto& input = *model.graph().add_input();
  ModelCase::declare(input, "unknown", {});
  input.mutable_type()->mutable_tensor_type()->set_elem_type(::onnx::TensorProto::BOOL);
  const auto imported = model.import();
  ASSERT_TRUE(imported) << imported.error().text();
  const auto relu = std::ranges::find(imported->nodes, "Relu", &ModelNode::op_type);
  ASSERT_NE(relu, imported->nodes.end());
  EXPECT_EQ(relu->outputs, std::vector<std::string>{"inner_2"});
}

TEST(InlineBranch, DefaultNamesHaveTheIfAsScope) {
  ModelCase model;
  ModelCase::node(model.graph(), "Relu", {"x"}, {"h"});
  auto& node = ModelCase::node(model.graph(), "If", {"c"}, {"y"});
  auto& taken = ModelCase::subgraph(node, "then_branch");
  ModelCase::node(taken, "Relu", {"h"}, {"inner"});
  taken.add_output()->set_name("inner");
  model.condition("c", true);
  const auto imported = model.import();
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_EQ(names_of(*imported), (std::vector<std::string>{"Relu_0", "If_1/Relu_0"}));
}

TEST(InlineBranch, TheOutputsOfTheBranchDeclareTypes) {
  ModelCase model;
  auto& node = ModelCase::node(model.graph(), "If", {"c"}, {"y"});
  auto& taken = ModelCase::subgraph(node, "then_branch");
  ModelCase::node(taken, "Frobnicate", {"x"}, {"inner"});
  ModelCase::declare(*taken.add_output(), "inner", {5});
  model.condition("c", true);
  const auto imported = model.import();
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_EQ(imported->graph.type(imported->graph.outputs().at(0)).shape, (Shape{5}));
}

TEST(InlineBranch, RefusesCopiesOfALongNameWithoutEnd) {
  ModelCase model;
  const std::string name(60'000, 'n');
  auto& node = ModelCase::node(model.graph(), "If", {"c"}, {name.c_str()});
  auto& taken = ModelCase::subgraph(node, "then_branch");
  ModelCase::node(taken, "Relu", {"x"}, {"t"});
  taken.add_output()->set_name("t");
  auto& sum = ModelCase::node(taken, "Sum", {}, {"s"});
  for (int i = 0; i < 20'000; ++i) sum.add_input("t");
  ModelCase::node(model.graph(), "Relu", {name.c_str()}, {"y"});
  model.condition("c", true);
  const auto imported = model.import();
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code, ErrorCode::kLimitExceeded) << imported.error().text();
}

}  // namespace
}  // namespace nitro::onnx
