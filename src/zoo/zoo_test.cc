#include "zoo/zoo.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "base/sha256.h"
#include "cost/cost.h"
#include "ir/verify.h"
#include "zoo/weights.h"

namespace nitro::zoo {
namespace {

Graph built(std::string_view name, const Options& options = {}) {
  Result<Graph> graph = build(name, options);
  EXPECT_TRUE(graph.has_value()) << (graph ? "" : graph.error().text());
  return graph ? std::move(*graph) : Graph();
}

bool is_parameter(const Value& value) {
  return value.constant && value.type.dtype == DType::kF32 && !value.name.empty() &&
         !value.name.ends_with("attn_mask");
}

int64_t parameters(const Graph& graph) {
  int64_t count = 0;
  for (const Value& value : graph.values()) {
    if (is_parameter(value)) count += value.type.elements();
  }
  return count;
}

double multiply_adds(const Graph& graph) {
  double flops = 0;
  for (const Node& node : graph.nodes()) {
    const bool product = std::holds_alternative<MatMul>(node.op) ||
                         std::holds_alternative<Gemm>(node.op) ||
                         std::holds_alternative<Conv>(node.op);
    if (product) flops += cost::cost_of(graph, node).flops;
  }
  return flops / 2;
}

std::map<std::string, int> op_counts(const Graph& graph) {
  std::map<std::string, int> counts;
  for (const Node& node : graph.nodes()) ++counts[display_name(node.op)];
  return counts;
}

std::string hash_of_constants(const Graph& graph) {
  Sha256 hash;
  for (const Value& value : graph.values()) {
    if (!value.constant) continue;
    hash.add(value.name);
    hash.add(value.constant->bytes());
  }
  return to_hex(hash.finish());
}

std::string module_of(const Graph& graph, std::string_view node_name) {
  for (const Origin& origin : graph.origins()) {
    if (origin.node == node_name) return origin.module;
  }
  return "no such node";
}

const Value* find_value(const Graph& graph, std::string_view name) {
  for (const Value& value : graph.values()) {
    if (value.name == name) return &value;
  }
  return nullptr;
}

struct Expected {
  const char* name;
  double parameters;     // millions
  double multiply_adds;  // billions
};

TEST(Zoo, HasTheDocumentedSizes) {
  for (const Expected& expected :
       {Expected{"edgevl-vit-b", 86.59, 17.56}, Expected{"edgevl-swin-s", 49.63, 8.74},
        Expected{"edgevl-swin-t", 28.31, 4.49}, Expected{"edgevl-vit-s", 22.06, 4.60}}) {
    const Graph graph = built(expected.name);
    EXPECT_NEAR(static_cast<double>(parameters(graph)) / 1e6, expected.parameters, 0.0051)
        << expected.name;
    EXPECT_NEAR(multiply_adds(graph) / 1e9, expected.multiply_adds, 0.0051) << expected.name;
  }
}

TEST(Zoo, HasADemoStudentUnder8MegabytesInF16) {
  const Graph graph = built("edgevl-swin-nano");
  EXPECT_EQ(parameters(graph), 3177726);
  EXPECT_LT(parameters(graph) * 2, 8'000'000);
}

TEST(Zoo, BringsParametersThatFit) {
  for (const Entry& entry : entries()) {
    if (!shipped_weights(entry.name)) continue;
    const Graph graph = built(entry.name);
    EXPECT_NE(hash_of_constants(graph), hash_of_constants(built(entry.name, {.weights = "random"})))
        << entry.name;
  }
  EXPECT_FALSE(shipped_weights("edgevl-swin-x").has_value());
  EXPECT_EQ(hash_of_constants(built("edgevl-vit-s")),
            hash_of_constants(built("edgevl-vit-s", {.weights = "random"})));
}

bool is_student(const Entry& entry) { return entry.name.starts_with("edgevl-"); }

TEST(Zoo, EveryStudentMakesAnEmbedding) {
  for (const Entry& entry : entries()) {
    if (!is_student(entry)) continue;
    const Graph graph = built(entry.name, {.batch = 2});
    ASSERT_EQ(graph.inputs().size(), 1U);
    ASSERT_EQ(graph.outputs().size(), 1U);
    EXPECT_EQ(graph.value(graph.inputs()[0]).name, "image");
    EXPECT_EQ(graph.type(graph.inputs()[0]), (TensorType{DType::kF32, {2, 3, 224, 224}}));
    EXPECT_EQ(graph.value(graph.outputs()[0]).name, "embedding");
    const int64_t embedding = entry.name == "edgevl-swin-nano" ? 384 : 1024;
    EXPECT_EQ(graph.type(graph.outputs()[0]), (TensorType{DType::kF32, {2, embedding}}));
    EXPECT_EQ(graph.name, entry.name);
    EXPECT_TRUE(verify(graph).has_value());
  }
}

TEST(Zoo, ClipReadsAnImageAndTexts) {
  const Graph graph = built("clip-vit-b32", {.batch = 2, .texts = 3});
  ASSERT_EQ(graph.inputs().size(), 2U);
  EXPECT_EQ(graph.type(graph.inputs()[0]), (TensorType{DType::kF32, {2, 3, 224, 224}}));
  EXPECT_EQ(graph.value(graph.inputs()[1]).name, "text");
  EXPECT_EQ(graph.type(graph.inputs()[1]), (TensorType{DType::kI32, {3, 77}}));
  const std::map<std::string, Shape> wanted = {
      {"image_embedding", {2, 512}}, {"text_embedding", {3, 512}}, {"logits", {2, 3}}};
  ASSERT_EQ(graph.outputs().size(), wanted.size());
  for (ValueId output : graph.outputs())
    EXPECT_EQ(graph.type(output).shape, wanted.at(graph.value(output).name));
  EXPECT_TRUE(verify(graph).has_value());
  EXPECT_EQ(parameters(graph), 151277313) << "as many as OpenAI's checkpoint has";
}

TEST(Zoo, ClipNamesParametersAsItsCheckpoint) {
  const Graph graph = built("clip-vit-b32");
  for (const char* name :
       {"visual.conv1.weight", "visual.class_embedding", "visual.positional_embedding",
        "visual.ln_pre.weight", "visual.transformer.resblocks.11.attn.in_proj_bias",
        "visual.ln_post.bias", "visual.proj", "token_embedding.weight", "positional_embedding",
        "transformer.resblocks.0.attn.in_proj_weight", "transformer.resblocks.0.ln_2.bias",
        "transformer.resblocks.3.attn.out_proj.bias", "transformer.resblocks.3.mlp.c_fc.weight",
        "transformer.resblocks.11.mlp.c_proj.bias", "ln_final.weight", "text_projection",
        "logit_scale"}) {
    EXPECT_NE(find_value(graph, name), nullptr) << name;
  }
  EXPECT_EQ(find_value(graph, "visual.conv1.bias"), nullptr);
  EXPECT_EQ(module_of(graph, "/visual/transformer/resblocks/resblocks.1/mlp/c_fc/MatMul"),
            "visual.transformer.resblocks.1.mlp.c_fc");
}

TEST(Zoo, DatHasTheDocumentedParametersAndAttentions) {
  const Graph graph = built("edgevl-dat-t");
  EXPECT_EQ(parameters(graph), 23977236);
  std::map<std::string, int> counts = op_counts(graph);
  const int neighborhoods = 1 + 2 + 9;
  const int deformable = 1 + 2 + 9 + 2;
  EXPECT_EQ(counts["Softmax"], neighborhoods + deformable);
  EXPECT_EQ(counts["GridSample"], 2 * deformable);
  EXPECT_EQ(counts["Clip"], deformable);
  // Each neighbourhood attention also multiplies keys that it masks: 120 of 169.
  const double masked = 2.0 * 120 * (56 * 56 * 64 + 2 * 28 * 28 * 128 + 9 * 14 * 14 * 256);
  EXPECT_NEAR((multiply_adds(graph) - masked) / 1e9, 4.26, 0.02);
  EXPECT_EQ(module_of(graph, "/stages.2/attns.1/conv_offset/conv_offset.0/Conv"),
            "stages.2.attns.1.conv_offset.0");
  EXPECT_EQ(module_of(graph, "/down_projs.1/down_projs.1.0/Conv"), "down_projs.1.0");
  for (const char* name :
       {"patch_proj.4.norm.bias", "stages.0.attns.0.rpb", "stages.3.attns.0.rpe_table",
        "stages.1.attns.3.conv_offset.3.weight", "stages.2.layer_norms.35.norm.weight",
        "stages.2.local_perception_units.17.bias", "stages.0.mlps.1.linear2.0.weight",
        "stages.3.mlps.0.dwc.weight", "cls_norm.norm.weight", "feature_proj.1.weight"}) {
    EXPECT_NE(find_value(graph, name), nullptr) << name;
  }
}

TEST(Zoo, SwinHasTheOperatorsOfAnExport) {
  std::map<std::string, int> counts = op_counts(built("edgevl-swin-s"));
  const int blocks = 24;
  const int shifted = 11;
  const int merges = 3;
  EXPECT_EQ(counts["Conv"], 1);
  EXPECT_EQ(counts["Gemm"], 1);
  EXPECT_EQ(counts["MatMul"], 6 * blocks + merges);
  EXPECT_EQ(counts["LayerNormalization"], 54);
  EXPECT_EQ(counts["Softmax"], blocks);
  EXPECT_EQ(counts["Gelu"], blocks);
  EXPECT_EQ(counts["Mul"], blocks);
  EXPECT_EQ(counts["Gather"], 4 * blocks);
  EXPECT_EQ(counts["Add"], 7 * blocks + shifted);
  EXPECT_EQ(counts["Slice"], 8 * shifted + 6 * merges);
  EXPECT_EQ(counts["Concat"], 4 * shifted + merges);
  EXPECT_EQ(counts["ReduceMean"], 1);
}

TEST(Zoo, VitHasTheOperatorsOfAnExport) {
  std::map<std::string, int> counts = op_counts(built("edgevl-vit-s"));
  const int blocks = 12;
  EXPECT_EQ(counts["Conv"], 1);
  EXPECT_EQ(counts["Gemm"], 1);
  EXPECT_EQ(counts["MatMul"], 8 * blocks);
  EXPECT_EQ(counts["LayerNormalization"], 2 * blocks + 1);
  EXPECT_EQ(counts["Div"], blocks);
  EXPECT_EQ(counts["Softmax"], blocks);
  EXPECT_EQ(counts["Gelu"], blocks);
  EXPECT_EQ(counts["Add"], 8 * blocks + 1);
  EXPECT_EQ(counts["Expand"], 1);
  EXPECT_EQ(counts["Concat"], 1);
}

TEST(Zoo, NamesModulesAsPyTorchDoes) {
  const Graph swin = built("edgevl-swin-t");
  EXPECT_EQ(module_of(swin, "/patch_embed/proj/Conv"), "patch_embed.proj");
  EXPECT_EQ(module_of(swin, "/layers.0/blocks.0/attn/qkv/MatMul"), "layers.0.blocks.0.attn.qkv");
  EXPECT_EQ(module_of(swin, "/layers.2/blocks.5/attn/MatMul_1"), "layers.2.blocks.5.attn");
  EXPECT_EQ(module_of(swin, "/layers.1/downsample/reduction/MatMul"),
            "layers.1.downsample.reduction");
  EXPECT_EQ(module_of(swin, "/feature_proj/feature_proj.0/Gemm"), "feature_proj.0");
  const Graph vit = built("edgevl-vit-s");
  EXPECT_EQ(module_of(vit, "/transformer/encoder/layer.11/attn/query/MatMul"),
            "transformer.encoder.layer.11.attn.query");
  EXPECT_EQ(module_of(vit, "/transformer/encoder/layer.0/ffn/Gelu"),
            "transformer.encoder.layer.0.ffn");
  EXPECT_EQ(module_of(vit, "/head/Gemm"), "head");
}

TEST(Zoo, NamesConstantsAsParameters) {
  const Graph swin = built("edgevl-swin-t");
  const Value* weight = find_value(swin, "layers.3.blocks.1.mlp.fc1.weight");
  ASSERT_NE(weight, nullptr);
  EXPECT_EQ(weight->type.shape, (Shape{768, 3072})) << "transposed for MatMul";
  EXPECT_NE(find_value(swin, "layers.0.blocks.1.attn.relative_position_bias_table"), nullptr);
  EXPECT_NE(find_value(swin, "layers.0.downsample.norm.bias"), nullptr);
  EXPECT_EQ(find_value(swin, "layers.0.downsample.reduction.bias"), nullptr);
  EXPECT_NE(find_value(swin, "feature_proj.1.weight"), nullptr);
  const Graph vit = built("edgevl-vit-s");
  for (const char* name :
       {"transformer.embeddings.patch_embeddings.weight", "transformer.embeddings.cls_token",
        "transformer.embeddings.position_embeddings",
        "transformer.encoder.layer.0.attention_norm.weight",
        "transformer.encoder.layer.0.attn.value.bias", "transformer.encoder.layer.0.ffn.fc2.weight",
        "transformer.encoder.encoder_norm.bias", "head.weight"}) {
    EXPECT_NE(find_value(vit, name), nullptr) << name;
  }
}

TEST(Zoo, NamesAreUnique) {
  for (const Entry& entry : entries()) {
    const Graph graph = built(entry.name);
    std::set<std::string> names;
    for (const Value& value : graph.values()) {
      if (value.name.empty()) continue;
      EXPECT_TRUE(names.insert(value.name).second) << value.name;
    }
    std::set<std::string> nodes;
    for (const Origin& origin : graph.origins()) {
      EXPECT_TRUE(nodes.insert(origin.node).second) << origin.node;
    }
    EXPECT_EQ(nodes.size(), graph.nodes().size());
  }
}

TEST(Zoo, BuildsTheSameTwice) {
  EXPECT_EQ(hash_of_constants(built("edgevl-swin-t")), hash_of_constants(built("edgevl-swin-t")));
  EXPECT_NE(hash_of_constants(built("edgevl-swin-t")), hash_of_constants(built("edgevl-vit-s")));
}

TEST(Zoo, DataAreDepthAndWidth) {
  const Entry tiny{"tiny", "", VitSize{.width = 32, .heads = 2, .layers = 1}};
  const auto graph = build(tiny);
  ASSERT_TRUE(graph.has_value()) << graph.error().text();
  EXPECT_EQ(op_counts(*graph)["Softmax"], 1);
}

TEST(Zoo, PreparesADepthMapInTheGraph) {
  const Options options{.modality = Modality::kDepth, .preprocessing = Preprocessing::kInGraph};
  const Graph graph = built("edgevl-vit-s", options);
  EXPECT_EQ(graph.type(graph.inputs()[0]).shape, (Shape{1, 1, 224, 224}));
  EXPECT_EQ(module_of(graph, "/preprocess/Expand"), "preprocess");
  const Graph rgb = built("edgevl-vit-s", {.preprocessing = Preprocessing::kInGraph});
  EXPECT_EQ(rgb.type(rgb.inputs()[0]).shape, (Shape{1, 3, 224, 224}));
  EXPECT_EQ(module_of(rgb, "/preprocess/Expand"), "no such node");
  EXPECT_EQ(module_of(rgb, "/preprocess/Sub"), "preprocess");
}

TEST(Zoo, PreparesImagesByTheStatisticsOfTheModel) {
  const auto first_mean = [](std::string_view name) {
    const Graph graph = built(name, {.preprocessing = Preprocessing::kInGraph});
    const Value* mean = find_value(graph, "preprocess.mean");
    return mean ? mean->constant->as<double>()[0] : 0;
  };
  EXPECT_NEAR(first_mean("edgevl-vit-s"), 0.485, 1e-6);
  EXPECT_NEAR(first_mean("clip-vit-b32"), 0.48145466, 1e-6);
}

TEST(Zoo, RefusesUnknownNamesAndImpossibleBatches) {
  const auto unknown = build("edgevl-swin-x");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, ErrorCode::kUsage);
  EXPECT_NE(unknown.error().hint.find("edgevl-swin-"), std::string::npos) << unknown.error().hint;
  for (int64_t batch : {int64_t{0}, int64_t{-1}}) {
    const auto graph = build("edgevl-vit-s", {.batch = batch});
    ASSERT_FALSE(graph.has_value());
    EXPECT_EQ(graph.error().code, ErrorCode::kUsage);
  }
  EXPECT_FALSE(build("edgevl-vit-s", {.batch = int64_t{1} << 44}).has_value());
  for (const auto& [name, texts] : {std::pair{"edgevl-vit-s", 1}, std::pair{"clip-vit-b32", 0}}) {
    const auto graph = build(name, {.texts = texts});
    ASSERT_FALSE(graph.has_value());
    EXPECT_EQ(graph.error().code, ErrorCode::kUsage);
  }
}

}  // namespace
}  // namespace nitro::zoo
