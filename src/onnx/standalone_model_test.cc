#include "onnx/standalone_model.h"

#include <gtest/gtest.h>

#include "onnx/model_case.h"

namespace nitro::onnx {
namespace {

Result<::onnx::ModelProto> standalone(const ModelCase& model) {
  const ScratchFolder folder = TRY(ScratchFolder::create("standalone-model-test"));
  TRY(write_file_atomic(folder.path() / "m.onnx", model.proto.SerializeAsString()));
  TRY(write_standalone(folder.path() / "m.onnx", folder.path() / "s.onnx", {}, {}));
  ::onnx::ModelProto written;
  written.ParseFromString(TRY(read_file(folder.path() / "s.onnx")));
  return written;
}

/// y = Softmax(x) in a function, which imports opset `version` and "extra" 3.
ModelCase calls_softmax(int64_t version) {
  ModelCase model;
  auto& body = model.function("f", {"a"}, {"b"});
  body.mutable_opset_import(0)->set_version(version);
  auto& extra = *body.add_opset_import();
  extra.set_domain("extra");
  extra.set_version(3);
  ModelCase::node(body, "Softmax", {"a"}, {"b"}).set_name("inner");
  ModelCase::node(model.graph(), "local.f", {"x"}, {"y"});
  return model;
}

int64_t opset(const ::onnx::ModelProto& model, const std::string& domain) {
  for (const auto& entry : model.opset_import()) {
    if (entry.domain() == domain) return entry.version();
  }
  return 0;
}

TEST(StandaloneModel, InlinesFunctions) {
  const auto written = standalone(calls_softmax(17));
  ASSERT_TRUE(written) << written.error().text();
  EXPECT_EQ(written->functions_size(), 0);
  EXPECT_EQ(written->graph().node(0).op_type(), "Softmax");
  EXPECT_EQ(opset(*written, ""), 17);
  EXPECT_EQ(opset(*written, "extra"), 0);  // no node is of it
}

TEST(StandaloneModel, TakesTheDomainsOfFunctions) {
  ModelCase model = calls_softmax(17);
  model.proto.mutable_functions(0)->mutable_node(0)->set_domain("extra");
  const auto written = standalone(model);
  ASSERT_TRUE(written) << written.error().text();
  EXPECT_EQ(opset(*written, "extra"), 3);
}

TEST(StandaloneModel, RefusesTwoOpsetsOfADomain) {
  const auto written = standalone(calls_softmax(11));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kUnsupportedOp);
  EXPECT_TRUE(written.error().text().contains("inner' (Softmax) of a function has opset 11"))
      << written.error().text();
}

TEST(StandaloneModel, AnOpsetThatNoNodeUsesMayDiffer) {
  ModelCase model = calls_softmax(11);
  model.proto.mutable_functions(0)->mutable_node(0)->set_domain("extra");
  EXPECT_TRUE(standalone(model));
}

}  // namespace
}  // namespace nitro::onnx
