#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "ir/graph.h"

namespace nitro::zoo {

/// What a camera delivers. All modalities share one set of weights.
enum class Modality : uint8_t { kRgb, kDepth, kIr };
inline constexpr std::array<std::string_view, 3> kModalityNames = {"rgb", "depth", "ir"};
constexpr const auto& enum_names(Modality) { return kModalityNames; }

/// kNone: the input is normalised already. kInGraph: the graph replicates a single channel and
/// normalises values of 0..255.
enum class Preprocessing : uint8_t { kNone, kInGraph };
inline constexpr std::array<std::string_view, 2> kPreprocessingNames = {"none", "in_graph"};
constexpr const auto& enum_names(Preprocessing) { return kPreprocessingNames; }

/// What EdgeVL's students embed into, of its teacher.
inline constexpr int64_t kEmbeddingSize = 1024;

/// Dimensions of a Vision Transformer.
struct VitSize {
  int64_t width = 0;
  int64_t heads = 0;
  int64_t layers = 0;
};

/// Dimensions of a Swin Transformer for 224x224 images. Stage i is width << i wide.
struct SwinSize {
  int64_t width = 0;
  std::array<int64_t, 4> depths = {};
  std::array<int64_t, 4> heads = {};
  int64_t embedding = kEmbeddingSize;
};

/// Dimensions of a DAT++ for 224x224 images. Stage i is width << i wide.
struct DatSize {
  int64_t width = 0;
  std::array<int64_t, 4> depths = {};
  std::array<int64_t, 4> heads = {};
  /// Of the stages whose blocks 0, 2, … attend to neighbours; all others are deformable.
  std::array<bool, 4> has_neighborhoods = {};
  // Of deformable attention: groups of heads, and the convolution that finds where to sample.
  std::array<int64_t, 4> groups = {};
  std::array<int64_t, 4> kernels = {};
  std::array<int64_t, 4> strides = {};
};

/// Dimensions of a CLIP with a Vision Transformer for 224x224 images and one for texts.
struct ClipSize {
  VitSize image;
  int64_t patch = 0;
  VitSize text;
  int64_t vocabulary = 0;
  int64_t embedding = 0;
};

struct Entry {
  std::string_view name;
  std::string_view summary;
  std::variant<VitSize, SwinSize, DatSize, ClipSize> size;
};

/// All models, sorted by name.
std::span<const Entry> entries();

inline constexpr std::string_view kRandomWeights = "random";

struct Options {
  int64_t batch = 1;
  /// A safetensors file with the model's parameters. kRandomWeights: random ones, the same on every
  /// machine. Empty: the trained ones that Nitro brings, or random ones where it brings none.
  std::filesystem::path weights = {};
  Modality modality = Modality::kRgb;
  Preprocessing preprocessing = Preprocessing::kNone;
  /// Texts per call; 1 by default, only for models that read text.
  std::optional<int64_t> texts = {};
};

inline constexpr int64_t kImageSize = 224;
inline constexpr int64_t kTextTokens = 77;

/// The un-optimised graph as PyTorch's exporter writes the model: input `image`
/// f32[batch,3,224,224] (one channel for depth and IR preprocessed in the graph). EdgeVL's students
/// give `embedding` f32[batch,1024] ([batch,384] edgevl-swin-nano), not normalised. CLIP also reads
/// `text` i32[texts,77], ids that its tokenizer makes, and gives `image_embedding` and
/// `text_embedding`, normalised, and `logits` f32[batch,texts]. Constants carry the names of the
/// PyTorch parameters; the weight of a linear layer that became a MatMul is stored transposed, [in,
/// out]. Fails with kUsage (no such model, batch or texts below 1, texts for a model that reads
/// none) and with the errors of reading the weights.
Result<Graph> build(std::string_view name, const Options& options = {});

/// The same for a model that is not in the table.
Result<Graph> build(const Entry& entry, const Options& options = {});

}  // namespace nitro::zoo
