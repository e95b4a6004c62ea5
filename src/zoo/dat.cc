#include "zoo/architectures.h"
#include "zoo/deformable_attention.h"
#include "zoo/layers.h"
#include "zoo/neighborhood_attention.h"

namespace nitro::zoo {
namespace {

constexpr double kEpsilon = 1e-5;

/// x + a depth-wise convolution 3x3 of x.
Result<ValueId> with_neighbors(const ModuleBuilder& owner, const ModuleBuilder& module,
                               ValueId map) {
  const int64_t width = owner.shape(map)[1];
  const ConvSize size{.out = width, .kernel = 3, .padding = 1, .groups = width};
  return add(owner, TRY(convolution(module, map, size)), map);
}

Result<ValueId> mlp(const ModuleBuilder& module, ValueId map) {
  const int64_t width = module.shape(map)[1];
  const ValueId hidden =
      TRY(convolution(module.sequential_item("linear1", 0), map, {.out = 4 * width}));
  const ValueId mixed = TRY(with_neighbors(module, module.child("dwc"), hidden));
  const ValueId active = TRY(module.child("act").emit(Gelu{}, {mixed}));
  return convolution(module.sequential_item("linear2", 0), active, {.out = width});
}

Result<ValueId> stem(const ModuleBuilder& root, ValueId image, int64_t width) {
  const auto layer = [&](int64_t i) { return root.sequential_item("patch_proj", i); };
  const ConvSize half{.out = width / 2, .kernel = 3, .stride = 2, .padding = 1};
  const ConvSize full{.out = width, .kernel = 3, .stride = 2, .padding = 1};
  ValueId x = TRY(convolution(layer(0), image, half));
  x = TRY(channel_norm(layer(1), x));
  x = TRY(layer(2).emit(Gelu{}, {x}));
  x = TRY(convolution(layer(3), x, full));
  return channel_norm(layer(4), x);
}

/// Halves the sides and doubles the width.
Result<ValueId> downsample(const ModuleBuilder& root, int64_t stage, ValueId map) {
  const std::string sequential = fmt::format("down_projs.{}", stage);
  const ConvSize size{.out = 2 * root.shape(map)[1], .kernel = 3, .stride = 2, .padding = 1};
  const ValueId x = TRY(convolution(root.sequential_item(sequential, 0), map, size, Bias::kNone));
  return channel_norm(root.sequential_item(sequential, 1), x);
}

Result<ValueId> run_stage(const ModuleBuilder& module, ValueId x, const DatSize& size,
                          size_t number) {
  const DeformableSize deformable{.heads = size.heads[number],
                                  .groups = size.groups[number],
                                  .kernel = size.kernels[number],
                                  .stride = size.strides[number]};
  Neighborhoods tables;
  if (size.has_neighborhoods[number]) tables = add_neighborhoods(module, module.shape(x)[2]);
  for (int64_t i = 0; i < size.depths[number]; ++i) {
    x = TRY(with_neighbors(module, module.item("local_perception_units", i), x));
    const ValueId first = TRY(channel_norm(module.item("layer_norms", 2 * i), x));
    const ModuleBuilder attention = module.item("attns", i);
    const ValueId attended =
        size.has_neighborhoods[number] && i % 2 == 0
            ? TRY(neighborhood_attention(attention, first, size.heads[number], tables))
            : TRY(deformable_attention(attention, first, deformable));
    x = TRY(add(module, attended, x));
    const ValueId second = TRY(channel_norm(module.item("layer_norms", 2 * i + 1), x));
    x = TRY(add(module, TRY(mlp(module.item("mlps", i), second)), x));
  }
  return x;
}

}  // namespace

Result<ValueId> dat(const ModuleBuilder& root, ValueId image, const DatSize& size) {
  ValueId x = TRY(stem(root, image, size.width));
  for (size_t stage = 0; stage < size.depths.size(); ++stage) {
    const auto number = static_cast<int64_t>(stage);
    x = TRY(run_stage(root.item("stages", number), x, size, stage));
    if (stage + 1 < size.depths.size()) x = TRY(downsample(root, number, x));
  }
  x = TRY(channel_norm(root.child("cls_norm"), x));
  const Reduce mean{.kind = ReduceKind::kMean, .axes = {2, 3}};
  const ValueId pooled = TRY(root.emit(mean, {x}));
  const Shape shape = root.shape(pooled);
  x = TRY(reshape(root, pooled, {shape[0], shape[1]}));
  x = TRY(linear_of_vectors(root.sequential_item("feature_proj", 0), x, kEmbeddingSize));
  return layer_norm(root.sequential_item("feature_proj", 1), x, kEpsilon);
}

}  // namespace nitro::zoo
