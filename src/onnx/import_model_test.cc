#include "onnx/import_model.h"

#include <gtest/gtest.h>
#include <onnx-ml.pb.h>
#include <sys/resource.h>

#include <cstdlib>

#include "base/file.h"
#include "onnx/export_model.h"

namespace nitro::onnx {
namespace {

/// y = Relu(x), with x: f32[batch, 3].
::onnx::ModelProto relu_model() {
  ::onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  auto& graph = *model.mutable_graph();
  auto& input = *graph.add_input();
  input.set_name("x");
  auto& type = *input.mutable_type()->mutable_tensor_type();
  type.set_elem_type(::onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("batch");
  type.mutable_shape()->add_dim()->set_dim_value(3);
  auto& node = *graph.add_node();
  node.set_name("/head/Relu");
  node.set_op_type("Relu");
  node.add_input("x");
  node.add_output("y");
  graph.add_output()->set_name("y");
  return model;
}

Result<ImportedModel> import_bytes(const std::string& content, const ImportOptions& options = {}) {
  const ScratchFolder folder = TRY(ScratchFolder::create("import-model-test"));
  TRY(write_file_atomic(folder.path() / "m.onnx", content));
  return import_model(folder.path() / "m.onnx", options);
}

Result<ImportedModel> import(const ::onnx::ModelProto& model, const ImportOptions& options = {}) {
  return import_bytes(model.SerializeAsString(), options);
}

ImportOptions with_shape(const std::string& name, Shape shape) {
  ImportOptions options;
  options.shapes[name] = std::move(shape);
  return options;
}

TEST(ImportModel, AFreeDimensionAsksForAShape) {
  const auto imported = import(relu_model());
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code, ErrorCode::kUnknownShape);
  EXPECT_TRUE(imported.error().text().contains("input 'x': dimension 0 is free (?x3)"));
  EXPECT_EQ(imported.error().hint, "give the shape: --shape 'x=?x3'");
}

TEST(ImportModel, BindsAFreeDimension) {
  const auto imported = import(relu_model(), with_shape("x", {4, 3}));
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_EQ(imported->graph.type(imported->graph.outputs()[0]).shape, (Shape{4, 3}));
  EXPECT_EQ(imported->opset, 17);
}

TEST(ImportModel, AShapeMustFitTheModel) {
  const auto error = [](const ImportOptions& options) {
    const auto imported = import(relu_model(), options);
    return imported ? ""
                    : std::string(name(imported.error().code)) + ": " + imported.error().message;
  };
  EXPECT_EQ(error(with_shape("x", {4})), "usage: --shape gives rank 1, the model has rank 2");
  EXPECT_EQ(error(with_shape("x", {4, 5})),
            "usage: --shape gives 4x5, the model fixes dimension 1 to 3");
  ImportOptions other = with_shape("x", {4, 3});
  other.shapes["z"] = {1};
  EXPECT_EQ(error(other), "usage: --shape names 'z', which is not an input of the model");
}

TEST(ImportModel, KnowsARangeOfOpsets) {
  for (int64_t version : {0, 9999, -1}) {
    ::onnx::ModelProto model = relu_model();
    model.mutable_opset_import(0)->set_version(version);
    const auto imported = import(model, with_shape("x", {1, 3}));
    ASSERT_FALSE(imported) << version;
    EXPECT_EQ(imported.error().code, ErrorCode::kBadModel);
    EXPECT_TRUE(imported.error().message.contains(std::to_string(version)));
  }
}

TEST(ImportModel, AValueBindsAnInput) {
  ImportOptions options;
  options.values["x"] = Tensor::of<double>(DType::kF32, {1, 3}, {-1, 0, 2});
  const auto imported = import(relu_model(), options);
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_TRUE(imported->graph.inputs().empty());
  const Tensor* folded = imported->graph.constant(imported->graph.outputs()[0]);
  ASSERT_TRUE(folded);
  EXPECT_EQ(folded->as<double>(), (std::vector<double>{0, 0, 2}));
}

TEST(ImportModel, OriginsSurviveARoundTrip) {
  const auto first = import(relu_model(), with_shape("x", {1, 3}));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->graph.origins().at(0), (Origin{"/head/Relu", "head"}));
  const auto again = import_bytes(export_model(first->graph).value().joined());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->graph.origins(), first->graph.origins());
  EXPECT_EQ(again->nodes.at(0).origins, first->nodes.at(0).origins);
  EXPECT_EQ(again->producer, "nitro");
  EXPECT_EQ(again->graph.value(again->graph.inputs()[0]).name, "x");
  EXPECT_EQ(again->graph.value(again->graph.outputs()[0]).name, "y");
}

TEST(ImportModel, SaysWhyAnOperatorStaysOpaque) {
  ::onnx::ModelProto model = relu_model();
  model.mutable_graph()->mutable_node(0)->set_op_type("Frobnicate");
  EXPECT_EQ(import(model, with_shape("x", {1, 3})).error().code, ErrorCode::kUnsupportedOp);
  *model.mutable_graph()->mutable_output(0) = model.graph().input(0);
  model.mutable_graph()->mutable_output(0)->set_name("y");
  const auto imported = import(model, with_shape("x", {1, 3}));
  ASSERT_TRUE(imported) << imported.error().text();
  ASSERT_EQ(imported->notes.size(), 1U);
  EXPECT_TRUE(imported->notes[0].starts_with("Frobnicate (opset 17) cannot be executed"));
}

TEST(ImportModel, ARunSaysWhatUnknownOperatorsMake) {
  ::onnx::ModelProto model = relu_model();
  model.mutable_graph()->mutable_node(0)->set_op_type("Frobnicate");
  *model.mutable_graph()->add_node() = model.graph().node(0);
  model.mutable_graph()->mutable_node(0)->set_output(0, "t");
  model.mutable_graph()->mutable_node(1)->set_input(0, "t");
  int runs = 0;
  ImportOptions options = with_shape("x", {1, 3});
  options.types_by_run = [&](const std::filesystem::path& file,
                             const Graph& graph) -> Result<std::map<std::string, TensorType>> {
    ++runs;
    ::onnx::ModelProto run;
    EXPECT_TRUE(run.ParseFromString(read_file(file).value()));
    EXPECT_EQ(run.graph().output_size(), 2);  // y is one already
    EXPECT_EQ(graph.type(graph.inputs().at(0)).shape, (Shape{1, 3}));
    return std::map<std::string, TensorType>{{"t", {DType::kF16, {7}}}, {"y", {DType::kI32, {}}}};
  };
  const auto imported = import(model, options);
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_EQ(runs, 1);
  const Graph& graph = imported->graph;
  EXPECT_EQ(graph.type(graph.node(1).inputs.at(0)), (TensorType{DType::kF16, {7}}));
  EXPECT_EQ(graph.type(graph.outputs().at(0)), (TensorType{DType::kI32, {}}));
  const auto again = import_bytes(export_model(graph).value().joined());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->graph.type(again->graph.node(1).inputs.at(0)), (TensorType{DType::kF16, {7}}));
}

TEST(ImportModel, ARunThatFailsNamesTheNode) {
  ::onnx::ModelProto model = relu_model();
  model.mutable_graph()->mutable_node(0)->set_op_type("Frobnicate");
  ImportOptions options = with_shape("x", {1, 3});
  options.types_by_run = [](const std::filesystem::path&,
                            const Graph&) -> Result<std::map<std::string, TensorType>> {
    return fail(ErrorCode::kRunnerFailed, "never heard of it");
  };
  const auto imported = import(model, options);
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code, ErrorCode::kUnsupportedOp);
  EXPECT_TRUE(
      imported.error().text().contains("node '/head/Relu' (Frobnicate): operator Frobnicate"));
  EXPECT_TRUE(imported.error().text().contains("never heard of it"));
  EXPECT_TRUE(imported.error().hint.contains("value_info"));
}

TEST(ImportModel, AShapeThatDependsOnValuesIsNotTakenFromARun) {
  ::onnx::ModelProto model = relu_model();
  model.mutable_graph()->mutable_node(0)->set_op_type("NonZero");
  ImportOptions options = with_shape("x", {1, 3});
  options.types_by_run = [](const std::filesystem::path&,
                            const Graph&) -> Result<std::map<std::string, TensorType>> {
    ADD_FAILURE() << "it ran";
    return std::map<std::string, TensorType>();
  };
  EXPECT_EQ(import(model, options).error().code, ErrorCode::kUnknownShape);
}

TEST(ImportModel, ASubgraphKeepsTheNamesThatItReads) {
  ::onnx::ModelProto model = relu_model();
  auto& graph = *model.mutable_graph();
  auto& identity = *graph.mutable_node(0);
  identity.set_op_type("Identity");
  identity.set_output(0, "alias");
  auto& branch_node = *graph.add_node();
  branch_node.set_op_type("If");
  branch_node.add_input("x");
  branch_node.add_output("y");
  auto& branch = *branch_node.add_attribute();
  branch.set_name("then_branch");
  branch.set_type(::onnx::AttributeProto::GRAPH);
  auto& inner = *branch.mutable_g()->add_node();
  inner.set_op_type("Relu");
  inner.add_input("alias");
  inner.add_output("inner");
  branch.mutable_g()->add_output()->set_name("inner");
  *graph.mutable_output(0) = graph.input(0);
  graph.mutable_output(0)->set_name("y");
  const auto first = import(model, with_shape("x", {1, 3}));
  ASSERT_TRUE(first) << first.error().text();
  const auto again = import_bytes(export_model(first->graph).value().joined());
  EXPECT_TRUE(again) << again.error().text();
}

TEST(ImportModel, RefusesWhatIsNoModel) {
  const auto message = [](const std::string& content) {
    const auto imported = import_bytes(content);
    return imported ? "" : imported.error().message;
  };
  EXPECT_TRUE(message("").contains("is an empty file"));
  EXPECT_TRUE(message("plain text").contains("cannot be read"));
  const std::string whole = relu_model().SerializeAsString();
  EXPECT_TRUE(message(whole.substr(0, whole.size() / 2)).contains("are left"));
  EXPECT_EQ(import_model("/nowhere/m.onnx").error().code, ErrorCode::kInputOutput);
}

TEST(ImportModel, TooLittleMemoryIsAnError) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer reserves address space";
#endif
  constexpr int64_t kWeights = int64_t{1} << 30;
  const ScratchFolder folder = ScratchFolder::create("import-model-test").value();
  ASSERT_TRUE(write_file_atomic(folder.path() / "w", ""));
  std::filesystem::resize_file(folder.path() / "w", kWeights);  // takes no room on the disk
  ::onnx::ModelProto model = relu_model();
  auto& tensor = *model.mutable_graph()->add_initializer();
  tensor.set_name("w");
  tensor.set_data_type(::onnx::TensorProto::INT8);
  tensor.add_dims(kWeights);
  tensor.set_data_location(::onnx::TensorProto::EXTERNAL);
  auto& location = *tensor.add_external_data();
  location.set_key("location");
  location.set_value("w");
  ASSERT_TRUE(write_file_atomic(folder.path() / "m.onnx", model.SerializeAsString()));
  const auto in_little_memory = [&] {
    const rlimit limit{kWeights / 2, kWeights / 2};
    ::setrlimit(RLIMIT_AS, &limit);
    const auto imported = import_model(folder.path() / "m.onnx", with_shape("x", {1, 3}));
    std::_Exit(!imported && imported.error().code == ErrorCode::kOutOfMemory ? 0 : 1);
  };
  EXPECT_EXIT(in_little_memory(), testing::ExitedWithCode(0), "");
}

TEST(ImportModel, LimitsCanBeSet) {
  ImportOptions options = with_shape("x", {1, 3});
  options.limits.max_nodes = 0;
  EXPECT_EQ(import(relu_model(), options).error().code, ErrorCode::kLimitExceeded);
  options.limits = {};
  options.limits.max_model_bytes = 10;
  EXPECT_EQ(import(relu_model(), options).error().code, ErrorCode::kLimitExceeded);
}

/// y = second(first(x)) of unknown operators of domain "strange".
::onnx::ModelProto strange_model() {
  ::onnx::ModelProto model = relu_model();
  auto& graph = *model.mutable_graph();
  auto& node = *graph.mutable_node(0);
  node.set_domain("strange");
  node.set_op_type("First");
  auto& entry = *node.add_metadata_props();
  entry.set_key("nitro.opset");
  entry.set_value("7");
  *graph.mutable_output(0) = graph.input(0);
  graph.mutable_output(0)->set_name("y");
  auto& opset = *model.add_opset_import();
  opset.set_domain("strange");
  opset.set_version(3);
  return model;
}

TEST(ImportModel, TheFileDoesNotSayWhatNitroNotes) {
  const auto imported = import(strange_model(), with_shape("x", {1, 3}));
  ASSERT_TRUE(imported) << imported.error().text();
  ::onnx::ModelProto written;
  ASSERT_TRUE(written.ParseFromString(export_model(imported->graph).value().joined()));
  ASSERT_EQ(written.opset_import_size(), 2);
  EXPECT_EQ(written.opset_import(1).domain(), "strange");
  EXPECT_EQ(written.opset_import(1).version(), 3);
  EXPECT_EQ(written.graph().node(0).metadata_props_size(), 0);
}

TEST(ImportModel, TwoOpsetsOfADomainAreNotWritten) {
  ::onnx::ModelProto model = strange_model();
  auto& graph = *model.mutable_graph();
  auto& function = *model.add_functions();
  function.set_domain("local");
  function.set_name("f");
  function.add_input("a");
  function.add_output("b");
  *function.add_opset_import() = model.opset_import(1);
  auto& inner = *function.add_node();
  inner.set_name("inner");
  inner.set_domain("strange");
  inner.set_op_type("Second");
  inner.add_input("a");
  inner.add_output("b");
  auto& call = *graph.add_node();
  call.set_domain("local");
  call.set_op_type("f");
  call.add_input("y");
  call.add_output("z");
  *graph.add_output() = graph.input(0);
  graph.mutable_output(1)->set_name("z");
  const auto exported = [&](int64_t version) {
    model.mutable_functions(0)->mutable_opset_import(0)->set_version(version);
    return export_model(import(model, with_shape("x", {1, 3})).value().graph);
  };
  EXPECT_TRUE(exported(3));
  const auto refused = exported(4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupportedOp);
  EXPECT_TRUE(refused.error().text().contains("needs opset 4 of domain 'strange'"));
}

}  // namespace
}  // namespace nitro::onnx
