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

constexpr std::array<Entry, 4> kEntries = {{
    {"edgevl-swin-s", "Swin 2-2-18-2: what EdgeVL calls Swin-T", swin_size(18)},
    {"edgevl-swin-t", "Swin 2-2-6-2", swin_size(6)},
    {"edgevl-vit-b", "ViT-B/16: what EdgeVL calls ViT-S",
     VitSize{.width = 768, .heads = 12, .layers = 12}},
    {"edgevl-vit-s", "ViT-S/16", VitSize{.width = 384, .heads = 6, .layers = 12}},
}};
static_assert(std::ranges::is_sorted(kEntries, {}, &Entry::name));

Result<TensorType> input_type(const Options& options) {
  if (options.batch < 1) {
    return fail(ErrorCode::kUsage, "a batch of {} images cannot be built", options.batch);
  }
  const bool single =
      options.preprocessing == Preprocessing::kInGraph && options.modality != Modality::kRgb;
  TensorType type{DType::kF32, {options.batch, single ? 1 : 3, kImageSize, kImageSize}};
  TRY(check_shape(type.shape, type.dtype));
  return type;
}

Result<std::unique_ptr<WeightSource>> weights_of(const Options& options) {
  if (options.weights.empty()) return random_weights();
  return file_weights(options.weights);
}

Result<ValueId> embedding(const ModuleBuilder& root, ValueId image, const Entry& entry) {
  if (const auto* size = std::get_if<VitSize>(&entry.size)) return vit(root, image, *size);
  return swin(root, image, std::get<SwinSize>(entry.size));
}

}  // namespace

std::span<const Entry> entries() { return kEntries; }

Result<Graph> build(const Entry& entry, const Options& options) {
  TensorType type = TRY(input_type(options));
  const std::unique_ptr<WeightSource> weights = TRY(weights_of(options));
  ModelBuilder model{.graph = {}, .weights = *weights, .node_names = {}};
  model.graph.name = entry.name;
  const ModuleBuilder root(model);
  ValueId image = model.graph.add_input("image", std::move(type));
  if (options.preprocessing == Preprocessing::kInGraph) image = TRY(preprocess(root, image));
  const ValueId output = TRY(embedding(root, image, entry));
  TRY(weights->finish());
  model.graph.set_value_name(output, "embedding");
  model.graph.set_outputs({output});
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
