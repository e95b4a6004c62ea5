#include "onnx/inline_branch.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace nitro::onnx
