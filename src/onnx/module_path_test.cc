#include "onnx/module_path.h"

#include <gtest/gtest.h>
#include <onnx-ml.pb.h>

namespace nitro::onnx {
namespace {

TEST(ModulePath, ReadsScopedNames) {
  EXPECT_EQ(module_path_of_name("/layers.2/blocks.0/attn/qkv/MatMul"),
            "layers.2.blocks.0.attn.qkv");
  EXPECT_EQ(module_path_of_name("/Add"), "");
  EXPECT_EQ(module_path_of_name("/patch_embed/proj/Conv"), "patch_embed.proj");
}

TEST(ModulePath, AContainerIsAbsorbedByItsChild) {
  EXPECT_EQ(module_path_of_name("/layers/layers.0/Add"), "layers.0");
  EXPECT_EQ(module_path_of_name("/layers/layers.0/blocks/blocks.1/norm/Add"),
            "layers.0.blocks.1.norm");
  EXPECT_EQ(module_path_of_name("/layer/layers.0/Add"), "layer.layers.0");
}

TEST(ModulePath, OtherNamesHaveNone) {
  for (const char* name : {"", "/", "//", "Conv_12", "node_linear_3", "a/b/c"}) {
    EXPECT_EQ(module_path_of_name(name), "") << name;
  }
}

TEST(ModulePath, ReadsTheScopesOfTheNewExporter) {
  EXPECT_EQ(module_path_of_scopes("['', 'layers', 'layers.0', 'add_1']"), "layers.0");
  EXPECT_EQ(module_path_of_scopes("['', 'add_1']"), "");
  for (const char* broken : {"", "[]", "['", "['a", "''", "no quotes"}) {
    EXPECT_EQ(module_path_of_scopes(broken), "") << broken;
  }
}

TEST(ModulePath, ReadsTheNamespaceOfTheNewExporter) {
  EXPECT_EQ(module_path_of_namespace(": Model/layers: Sequential/layers.0: Stage/add_1: aten.add"),
            "layers.0");
  EXPECT_EQ(module_path_of_namespace(": Model/add_1: aten.add"), "");
  EXPECT_EQ(module_path_of_namespace(""), "");
}

TEST(ModulePath, MetadataComesBeforeTheName) {
  ::onnx::NodeProto node;
  node.set_name("/from/name/Add");
  EXPECT_EQ(module_path(node), "from.name");
  const auto add = [&](const char* key, const char* value) {
    auto& entry = *node.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  };
  add("namespace", ": Model/from.namespace: Linear/linear: aten.linear");
  EXPECT_EQ(module_path(node), "from.namespace");
  add("pkg.torch.onnx.name_scopes", "['', 'from.scopes', 'linear']");
  EXPECT_EQ(module_path(node), "from.scopes");
  add("nitro.module", "from.nitro");
  EXPECT_EQ(module_path(node), "from.nitro");
}

}  // namespace
}  // namespace nitro::onnx
