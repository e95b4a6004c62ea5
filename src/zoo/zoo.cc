#include "zoo/zoo.h"

#include <algorithm>

#include "base/text.h"
#include "zoo/architectures.h"
#include "zoo/preprocess.h"

namespace nitro::zoo {
namespace {

constexpr SwinSize swin_size(int64_t third_stage) {
  return {.width = 96, .depths = {2, 2, third_stage, 2}, .heads = {3, 6, 12, 24}};
}

// 384: what the sentence encoder all-MiniLM-L6-v2 embeds texts into.
constexpr SwinSize kSwinNano = {
    .width = 32, .depths = {2, 2, 6, 2}, .heads = {1, 2, 4, 8}, .embedding = 384};

constexpr ClipSize kClipB32 = {.image = {.width = 768, .heads = 12, .layers = 12},
                               .patch = 32,
                               .text = {.width = 512, .heads = 8, .layers = 12},
                               .vocabulary = 49408,
                               .embedding = 512};

constexpr DatSize kDatTiny = {.width = 64,
                              .depths = {2, 4, 18, 2},
                              .heads = {2, 4, 8, 16},
                              .has_neighborhoods = {true, true, true, false},
                              .groups = {1, 2, 4, 8},
                              .kernels = {9, 7, 5, 3},
                              .strides = {8, 4, 2, 1}};

constexpr std::array<Entry, 7> kEntries = {{
    {"clip-vit-b32", "CLIP ViT-B/32: image and text to one space, by two towers", kClipB32},
    {"edgevl-dat-t", "DAT++-T 2-4-18-2: neighbourhood and deformable attention", kDatTiny},
    {"edgevl-swin-nano", "Swin 2-2-6-2 of width 32, of demo size", kSwinNano},
    {"edgevl-swin-s", "Swin 2-2-18-2: what EdgeVL calls Swin-T", swin_size(18)},
    {"edgevl-swin-t", "Swin 2-2-6-2", swin_size(6)},
    {"edgevl-vit-b", "ViT-B/16: what EdgeVL calls ViT-S",
     VitSize{.width = 768, .heads = 12, .layers = 12}},
    {"edgevl-vit-s", "ViT-S/16", VitSize{.width = 384, .heads = 6, .layers = 12}},
}};
static_assert(std::ranges::is_sorted(kEntries, {}, &Entry::name));

Result<TensorType> image_type(const Options& options) {
  if (options.batch < 1) {
    return fail(ErrorCode::kUsage, "a batch of {} images cannot be built", options.batch);
  }
  const bool single =
      options.preprocessing == Preprocessing::kInGraph && options.modality != Modality::kRgb;
  TensorType type{DType::kF32, {options.batch, single ? 1 : 3, kImageSize, kImageSize}};
  TRY(check_shape(type.shape, type.dtype));
  return type;
}

Result<TensorType> text_type(const Options& options) {
  const int64_t texts = options.texts.value_or(1);
  if (texts < 1) return fail(ErrorCode::kUsage, "{} texts cannot be read", texts);
  TensorType type{DType::kI32, {texts, kTextTokens}};
  TRY(check_shape(type.shape, type.dtype));
  return type;
}

Result<std::unique_ptr<WeightSource>> weights_of(std::string_view name, const Options& options) {
  if (options.weights == kRandomWeights) return random_weights();
  if (!options.weights.empty()) return file_weights(options.weights);
  const std::optional<std::string_view> shipped = shipped_weights(name);
  return shipped ? stored_weights(*shipped, name) : random_weights();
}

Result<ValueId> student(const ModuleBuilder& root, ValueId image, const VitSize& size) {
  return vit(root, image, size);
}

Result<ValueId> student(const ModuleBuilder& root, ValueId image, const SwinSize& size) {
  return swin(root, image, size);
}

Result<ValueId> student(const ModuleBuilder& root, ValueId image, const DatSize& size) {
  return dat(root, image, size);
}

struct Output {
  std::string_view name;
  ValueId value;
};

Result<std::vector<Output>> outputs_of(ModelBuilder& model, ValueId image, const ClipSize& size,
                                       const Options& options) {
  TensorType type = TRY(text_type(options));
  const ValueId text = model.graph.add_input("text", std::move(type));
  const ClipOutputs made = TRY(clip(ModuleBuilder(model), image, text, size));
  return std::vector<Output>{
      {"image_embedding", made.image}, {"text_embedding", made.text}, {"logits", made.logits}};
}

template <class Size>
Result<std::vector<Output>> outputs_of(ModelBuilder& model, ValueId image, const Size& size,
                                       const Options& options) {
  if (options.texts) return fail(ErrorCode::kUsage, "{} reads no text", model.graph.name);
  const ModuleBuilder root(model);
  const ValueId embedding = TRY(student(root, image, size));
  return std::vector<Output>{{"embedding", embedding}};
}

}  // namespace

std::span<const Entry> entries() { return kEntries; }

Result<Graph> build(const Entry& entry, const Options& options) {
  TensorType type = TRY(image_type(options));
  const std::unique_ptr<WeightSource> weights = TRY(weights_of(entry.name, options));
  ModelBuilder model{.graph = {}, .weights = *weights, .node_names = {}};
  model.graph.name = entry.name;
  ValueId image = model.graph.add_input("image", std::move(type));
  if (options.preprocessing == Preprocessing::kInGraph) {
    const bool clip = std::holds_alternative<ClipSize>(entry.size);
    image = TRY(preprocess(ModuleBuilder(model), image, clip ? kClipImages : kEdgeVlImages));
  }
  const std::vector<Output> outputs = TRY(std::visit(
      [&](const auto& size) { return outputs_of(model, image, size, options); }, entry.size));
  TRY(weights->finish());
  std::vector<ValueId> values;
  for (const Output& output : outputs) {
    model.graph.set_value_name(output.value, std::string(output.name));
    values.push_back(output.value);
  }
  model.graph.set_outputs(std::move(values));
  return std::move(model.graph);
}

Result<Graph> build(std::string_view name, const Options& options) {
  const auto entry = std::ranges::find(kEntries, name, &Entry::name);
  if (entry != kEntries.end()) return build(*entry, options);
  std::vector<std::string> names;
  for (const Entry& known : kEntries) names.emplace_back(known.name);
  const std::string guess = closest(name, names);
  return fail_with_hint(ErrorCode::kUsage, fmt::format("no model '{}' in the zoo", display(name)),
                        guess.empty() ? "'nitro zoo list' names the models"
                                      : fmt::format("did you mean '{}'?", guess));
}

}  // namespace nitro::zoo
