#include "onnx/inline_functions.h"

#include <gtest/gtest.h>

#include "onnx/model_case.h"

namespace nitro::onnx {
namespace {

/// y = leaky(leaky(x)) with slopes 0.5, given by the call, and the default 0.25.
ModelCase two_calls() {
  ModelCase model;
  auto& leaky = model.function("leaky", {"a"}, {"b"});
  leaky.add_attribute("unused");
  auto& fallback = *leaky.add_attribute_proto();
  fallback.set_name("slope");
  fallback.set_type(::onnx::AttributeProto::FLOAT);
  fallback.set_f(0.25F);
  ModelCase::node(leaky, "Erf", {"a"}, {"c"});
  ModelCase::reference(ModelCase::node(leaky, "LeakyRelu", {"c"}, {"b"}), "alpha", "slope");
  auto& first = ModelCase::node(model.graph(), "local.leaky", {"x"}, {"c"});
  first.set_name("first");
  ModelCase::number(first, "slope", 0.5F);
  ModelCase::node(model.graph(), "local.leaky", {"c"}, {"y"});
  return model;
}

std::vector<double> slopes(const Graph& graph) {
  std::vector<double> alphas;
  for (const Node& node : graph.nodes()) {
    if (const auto* leaky = std::get_if<Activation>(&node.op)) alphas.push_back(leaky->alpha);
  }
  return alphas;
}

TEST(InlineFunctions, AttributesComeFromTheCallOrTheFunction) {
  const auto imported = two_calls().import();
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_TRUE(imported->has_functions);
  EXPECT_EQ(imported->graph.nodes().size(), 4U);
  EXPECT_EQ(slopes(imported->graph), (std::vector<double>{0.5, 0.25}));
}

TEST(InlineFunctions, AnAttributeWithoutValueIsLeftOut) {
  ModelCase model = two_calls();
  model.proto.mutable_functions(0)->clear_attribute_proto();
  const auto imported = model.import();
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_NEAR(slopes(imported->graph).at(1), 0.01, 1e-9);  // that of LeakyRelu
}

TEST(InlineFunctions, OriginsNameTheCall) {
  const auto imported = two_calls().import();
  ASSERT_TRUE(imported);
  EXPECT_EQ(imported->nodes.at(0).origins, (std::vector<Origin>{{"/first/Erf_0", "first"}}));
  EXPECT_EQ(imported->nodes.at(3).origins, (std::vector<Origin>{{"/leaky/LeakyRelu_1", "leaky"}}));
}

TEST(InlineFunctions, TheMetadataOfTheCallNamesTheModule) {
  ModelCase model = two_calls();
  for (auto* node :
       {model.graph().mutable_node(0), model.proto.mutable_functions(0)->mutable_node(1)}) {
    auto& entry = *node->add_metadata_props();
    entry.set_key("pkg.torch.onnx.name_scopes");
    entry.set_value(node->op_type() == "leaky" ? "['', 'of.call', 'n']" : "['', 'of.node', 'n']");
  }
  const auto imported = model.import();
  ASSERT_TRUE(imported);
  EXPECT_EQ(imported->nodes.at(0).origins.at(0).module, "of.call");
  EXPECT_EQ(imported->nodes.at(1).origins.at(0).module, "of.node");
}

TEST(InlineFunctions, FunctionsCallFunctions) {
  ModelCase model;
  auto& outer = model.function("outer", {"a"}, {"b"});
  ModelCase::node(outer, "local.inner", {"a"}, {"c"});
  ModelCase::node(outer, "local.inner", {"c"}, {"b"});
  ModelCase::node(model.function("inner", {"a"}, {"b"}), "Erf", {"a"}, {"b"});
  ModelCase::node(model.graph(), "local.outer", {"x"}, {"y"});
  const auto imported = model.import();
  ASSERT_TRUE(imported) << imported.error().text();
  ASSERT_EQ(imported->graph.nodes().size(), 2U);
  EXPECT_EQ(imported->nodes.at(1).origins.at(0), (Origin{"/outer/inner_1/Erf_0", "outer.inner_1"}));
}

TEST(InlineFunctions, SubgraphsCallFunctionsAndCaptureTheirTensors) {
  ModelCase model;
  auto& body = model.function("choose", {"a"}, {"b"});
  ModelCase::node(body, "Erf", {"a"}, {"c"});
  auto& choice = ModelCase::node(body, "If", {"yes"}, {"b"});
  auto& constant = *body.add_node();
  constant.set_op_type("Constant");
  constant.add_output("yes");
  auto& value =
      *ModelCase::attribute(constant, "value", ::onnx::AttributeProto::TENSOR).mutable_t();
  value.set_data_type(::onnx::TensorProto::BOOL);
  value.set_raw_data(std::string(1, '\1'));
  for (const char* name : {"then_branch", "else_branch"}) {
    auto& branch = ModelCase::subgraph(choice, name);
    ModelCase::node(branch, "local.inner", {"c"}, {"d"});
    branch.add_output()->set_name("d");
  }
  ModelCase::node(model.function("inner", {"a"}, {"b"}), "Softmax", {"a"}, {"b"});
  ModelCase::node(model.graph(), "local.choose", {"x"}, {"c"});
  ModelCase::node(model.graph(), "local.choose", {"c"}, {"y"});
  const auto imported = model.import();
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_EQ(imported->graph.nodes().size(), 4U);
}

TEST(InlineFunctions, OperandsMayBeAbsentAndResultsShared) {
  ModelCase model;
  auto& body = model.function("pass", {"a", "absent"}, {"a", "b", "b"});
  ModelCase::node(body, "Clip", {"a", "absent"}, {"b"});
  ModelCase::node(model.graph(), "local.pass", {"x"}, {"p", "q", "r"});
  ModelCase::node(model.graph(), "Sum", {"p", "q", "r"}, {"y"});
  const auto imported = model.import();
  ASSERT_TRUE(imported) << imported.error().text();
}

TEST(InlineFunctions, AFunctionHasItsOwnOpset) {
  ModelCase model;
  model.proto.mutable_opset_import(0)->set_version(11);
  auto& body = model.function("f", {"a"}, {"b"});
  body.mutable_opset_import(0)->set_version(13);
  ModelCase::node(body, "Softmax", {"a"}, {"b"});
  auto& input = *model.graph().mutable_input(0);
  input.clear_type();
  ModelCase::declare(input, "x", {2, 3, 4});
  ModelCase::node(model.graph(), "local.f", {"x"}, {"t"});
  ModelCase::node(model.graph(), "Softmax", {"t"}, {"y"});
  const auto imported = model.import();
  ASSERT_TRUE(imported) << imported.error().text();
  // Before opset 13 the axis is 1 and all after it are taken together, since then it is the last.
  const auto* first = std::get_if<Softmax>(&imported->graph.nodes().at(0).op);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->axis, 2);
  EXPECT_GT(imported->graph.nodes().size(), 2U);
}

TEST(InlineFunctions, RefusesRecursion) {
  ModelCase model;
  ModelCase::node(model.function("ping", {"a"}, {"b"}), "local.pong", {"a"}, {"b"});
  ModelCase::node(model.function("pong", {"a"}, {"b"}), "local.ping", {"a"}, {"b"});
  ModelCase::node(model.graph(), "local.ping", {"x"}, {"y"});
  EXPECT_TRUE(model.error().contains("function 'ping' calls itself")) << model.error();
}

TEST(InlineFunctions, RefusesTooManyNodesAndTooDeepCalls) {
  ModelCase model;
  constexpr int kLevels = 40;
  for (int i = 0; i < kLevels; ++i) {
    const std::string next = i + 1 < kLevels ? "local.f" + std::to_string(i + 1) : "Relu";
    auto& body = model.function("f" + std::to_string(i), {"a"}, {"c"});
    ModelCase::node(body, next, {"a"}, {"b"});
    ModelCase::node(body, next, {"b"}, {"c"});
  }
  ModelCase::node(model.graph(), "local.f0", {"x"}, {"y"});
  EXPECT_TRUE(model.error().contains("functions expand to more")) << model.error();
  ImportOptions options;
  options.limits.max_subgraph_depth = 10;
  EXPECT_TRUE(model.import(options).error().text().contains("nested deeper than the limit of 10"));
}

TEST(InlineFunctions, RefusesCopiesOfALargeConstantWithoutEnd) {
  ModelCase model;
  auto& body = model.function("f", {"a"}, {"b"});
  auto& constant = *body.add_node();
  constant.set_op_type("Constant");
  constant.add_output("w");
  auto& value =
      *ModelCase::attribute(constant, "value", ::onnx::AttributeProto::TENSOR).mutable_t();
  value.set_data_type(::onnx::TensorProto::INT8);
  value.add_dims(1 << 20);
  value.set_raw_data(std::string(1 << 20, 'w'));
  ModelCase::node(body, "Relu", {"a"}, {"b"});
  for (int i = 0; i < 1000; ++i) ModelCase::node(model.graph(), "local.f", {"x"}, {});
  EXPECT_TRUE(model.error().contains("functions expand to more than 16 MiB")) << model.error();
}

TEST(InlineFunctions, RefusesWhatDoesNotFitTheFunction) {
  ModelCase model;
  ModelCase::node(model.function("f", {"a"}, {"b"}), "Relu", {"a"}, {"b"});
  ModelCase::node(model.graph(), "local.f", {"x", "x"}, {"y"}).set_name("culprit");
  EXPECT_TRUE(model.error().contains("node 'culprit' (f) has 2 inputs and 1 outputs"))
      << model.error();
  model.graph().mutable_node(0)->mutable_input()->RemoveLast();
  model.function("f", {}, {});
  EXPECT_TRUE(model.error().contains("function 'f' is defined twice")) << model.error();
  model.proto.mutable_functions()->RemoveLast();
  model.proto.mutable_functions(0)->mutable_node(0)->set_input(0, "ghost");
  EXPECT_TRUE(model.error().contains("'ghost'")) << model.error();
  model.proto.mutable_functions(0)->add_input("a");
  EXPECT_TRUE(model.error().contains("function 'f' has two inputs 'a'")) << model.error();
}

TEST(InlineFunctions, RefusesCopiesOfALongNameWithoutEnd) {
  ModelCase model;
  const std::string name(1 << 20, 'n');
  auto& body = model.function("f", {"a"}, {"b"});
  auto& sum = ModelCase::node(body, "Sum", {}, {"b"});
  for (int i = 0; i < 1000; ++i) sum.add_input("a");
  ModelCase::node(model.graph(), "local.f", {name.c_str()}, {"y"});
  EXPECT_TRUE(model.error().contains("functions expand to more than 16 MiB")) << model.error();
}

}  // namespace
}  // namespace nitro::onnx
