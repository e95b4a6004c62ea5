#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "base/json.h"
#include "zoo/weights.h"
#include "zoo/zoo.h"

namespace nitro::zoo {
namespace {

const Entry kTiny{"tiny", "", VitSize{.width = 32, .heads = 2, .layers = 1}};

using Tensors = std::vector<std::pair<std::string, Shape>>;

/// The parameters that the tiny model asks for, in PyTorch's layout.
Tensors tiny_parameters() {
  Tensors tensors = {{"transformer.embeddings.cls_token", {1, 1, 32}},
                     {"transformer.embeddings.position_embeddings", {1, 197, 32}},
                     {"transformer.embeddings.patch_embeddings.weight", {32, 3, 16, 16}},
                     {"transformer.embeddings.patch_embeddings.bias", {32}},
                     {"transformer.encoder.encoder_norm.weight", {32}},
                     {"transformer.encoder.encoder_norm.bias", {32}},
                     {"head.weight", {1024, 32}},
                     {"head.bias", {1024}}};
  const std::string layer = "transformer.encoder.layer.0.";
  for (const char* name : {"attention_norm", "ffn_norm"}) {
    tensors.emplace_back(layer + name + ".weight", Shape{32});
    tensors.emplace_back(layer + name + ".bias", Shape{32});
  }
  for (const char* name : {"query", "key", "value", "out"}) {
    tensors.emplace_back(layer + "attn." + name + ".weight", Shape{32, 32});
    tensors.emplace_back(layer + "attn." + name + ".bias", Shape{32});
  }
  tensors.emplace_back(layer + "ffn.fc1.weight", Shape{128, 32});
  tensors.emplace_back(layer + "ffn.fc1.bias", Shape{128});
  tensors.emplace_back(layer + "ffn.fc2.weight", Shape{32, 128});
  tensors.emplace_back(layer + "ffn.fc2.bias", Shape{32});
  return tensors;
}

class FileWeightsTest : public testing::Test {
 protected:
  /// Element i of the file's f32 data is i.
  void write(const Tensors& tensors) {
    Json header = Json::object();
    std::string data;
    for (const auto& [name, shape] : tensors) {
      const size_t begin = data.size();
      for (int64_t i = 0; i < element_count(shape); ++i) {
        const auto value = static_cast<float>(data.size() / sizeof(float));
        data.append(reinterpret_cast<const char*>(&value), sizeof value);
      }
      header[name] = Json::object({{"dtype", "F32"},
                                   {"shape", Json::array_of(shape)},
                                   {"data_offsets", Json::array({begin, data.size()})}});
    }
    const std::string text = header.dump();
    const uint64_t length = text.size();
    std::string file(reinterpret_cast<const char*>(&length), sizeof length);
    ASSERT_TRUE(write_file_atomic(path_, file + text + data).has_value());
  }
  Result<Graph> build_tiny() { return build(kTiny, {.weights = path_}); }

  ScratchFolder folder_ = ScratchFolder::create("nitro-weights").value();
  std::filesystem::path path_ = folder_.path() / "tiny.safetensors";
};

TEST_F(FileWeightsTest, FillTheModelInItsLayout) {
  Tensors tensors = tiny_parameters();
  std::ranges::stable_partition(
      tensors, [](const auto& tensor) { return tensor.first.ends_with("attn.key.weight"); });
  write(tensors);
  const auto graph = build_tiny();
  ASSERT_TRUE(graph.has_value()) << graph.error().text();
  const auto key = std::ranges::find(graph->values(), "transformer.encoder.layer.0.attn.key.weight",
                                     &Value::name);
  ASSERT_NE(key, graph->values().end());
  EXPECT_EQ(key->constant->data<float>()[1], 32) << "row 1, column 0 of the file";
  EXPECT_EQ(key->constant->data<float>()[32], 1);
}

TEST_F(FileWeightsTest, TolerateWhatTrainingLeftBehind) {
  Tensors tensors = tiny_parameters();
  for (const char* name : {"weight_rgb", "weight_depth", "cross_weight"}) {
    tensors.emplace_back(name, Shape{1});
  }
  tensors.emplace_back("transformer.encoder.layer.0.attn.query._input_quantizer._amax", Shape{});
  write(tensors);
  const auto graph = build_tiny();
  EXPECT_TRUE(graph.has_value()) << graph.error().text();
}

TEST_F(FileWeightsTest, AcceptTheConvolutionBiasOfTheQuantisedModel) {
  Tensors tensors = tiny_parameters();
  for (auto& [name, shape] : tensors) {
    if (name.ends_with("patch_embeddings.bias")) shape = {32, 1, 1};
  }
  write(tensors);
  const auto graph = build_tiny();
  EXPECT_TRUE(graph.has_value()) << graph.error().text();
}

TEST_F(FileWeightsTest, NameEveryMisfit) {
  Tensors tensors = tiny_parameters();
  std::erase_if(tensors, [](const auto& tensor) { return tensor.first == "head.bias"; });
  for (auto& [name, shape] : tensors) {
    if (name == "head.weight") shape = {1000, 32};
  }
  tensors.emplace_back("classifier.weight", Shape{2});
  write(tensors);
  const auto graph = build_tiny();
  ASSERT_FALSE(graph.has_value());
  EXPECT_EQ(graph.error().code, ErrorCode::kBadModel);
  const std::string& message = graph.error().message;
  EXPECT_NE(message.find("1 missing: head.bias"), std::string::npos) << message;
  EXPECT_NE(message.find("head.weight (1000x32 instead of 1024x32)"), std::string::npos) << message;
  EXPECT_NE(message.find("1 unexpected: classifier.weight"), std::string::npos) << message;
}

TEST_F(FileWeightsTest, AreTheSameInMemory) {
  write(tiny_parameters());
  const std::string content = read_file(path_).value();
  const auto stored = stored_weights(content, "tiny");
  ASSERT_TRUE(stored.has_value()) << stored.error().text();
  const auto in_file = file_weights(path_);
  ASSERT_TRUE(in_file.has_value()) << in_file.error().text();
  for (const auto& [name, shape] : tiny_parameters()) {
    EXPECT_EQ((*stored)->parameter(name, shape, ParameterKind::kWeight).value(),
              (*in_file)->parameter(name, shape, ParameterKind::kWeight).value());
  }
  EXPECT_TRUE((*stored)->finish().has_value());
  const auto cut = stored_weights(std::string_view(content).substr(0, content.size() - 1), "tiny");
  ASSERT_FALSE(cut.has_value());
  EXPECT_EQ(cut.error().code, ErrorCode::kBadFile);
  EXPECT_NE(cut.error().text().find("tiny"), std::string::npos);
}

TEST_F(FileWeightsTest, RefuseTransposedWeights) {
  Tensors tensors = tiny_parameters();
  for (auto& [name, shape] : tensors) {
    if (name.ends_with("fc1.weight")) std::swap(shape[0], shape[1]);
  }
  write(tensors);
  EXPECT_FALSE(build_tiny().has_value());
}

}  // namespace
}  // namespace nitro::zoo
