#include <cmath>

#include "zoo/architectures.h"
#include "zoo/layers.h"
#include "zoo/swin_windows.h"

namespace nitro::zoo {
namespace {

constexpr double kEpsilon = 1e-5;
constexpr int64_t kPatch = 4;

/// The bias of each pair of positions in a window: [1, heads, 49, 49].
Result<ValueId> position_bias(const ModuleBuilder& module, int64_t heads) {
  constexpr int64_t kPositions = kWindow * kWindow;
  constexpr int64_t kOffsets = (2 * kWindow - 1) * (2 * kWindow - 1);
  const ValueId table = TRY(module.parameter("relative_position_bias_table", {kOffsets, heads},
                                             ParameterKind::kScoreBias));
  const ValueId index = module.constant(relative_position_index(), "relative_position_index");
  const ValueId rows = TRY(module.emit(Gather{.axis = 0}, {table, index}));
  const ValueId pairs = TRY(reshape(module, rows, {kPositions, kPositions, heads}));
  const ValueId by_head = TRY(transpose(module, pairs, {2, 0, 1}));
  return reshape(module, by_head, {1, heads, kPositions, kPositions});
}

/// Adds a mask [windows, 49, 49] to the scores [batch * windows, heads, 49, 49].
Result<ValueId> add_mask(const ModuleBuilder& module, ValueId scores, const Tensor& mask,
                         const ModuleBuilder& owner) {
  const Shape shape = module.shape(scores);
  const int64_t windows = mask.shape()[0];
  const ValueId grouped =
      TRY(reshape(module, scores, {shape[0] / windows, windows, shape[1], shape[2], shape[3]}));
  const ValueId operand =
      owner.constant(mask.reshaped({1, windows, 1, shape[2], shape[3]}), "attn_mask");
  return reshape(module, TRY(add(module, grouped, operand)), shape);
}

Result<ValueId> attention(const ModuleBuilder& block, ValueId windows, int64_t heads,
                          const Tensor* mask) {
  const ModuleBuilder module = block.child("attn");
  const Shape shape = module.shape(windows);
  const int64_t head_width = shape[2] / heads;
  const ValueId qkv = TRY(linear(module.child("qkv"), windows, 3 * shape[2]));
  const ValueId split = TRY(reshape(module, qkv, {shape[0], shape[1], 3, heads, head_width}));
  const ValueId stacked = TRY(transpose(module, split, {2, 0, 3, 1, 4}));
  const ValueId q = TRY(select(module, stacked, 0));
  const ValueId k = TRY(select(module, stacked, 1));
  const ValueId v = TRY(select(module, stacked, 2));

  const ValueId k_columns = TRY(transpose(module, k, {0, 1, 3, 2}));
  const ValueId products = TRY(module.emit(MatMul{}, {q, k_columns}));
  const ValueId scale =
      module.constant(Tensor::scalar(DType::kF32, 1 / std::sqrt(static_cast<double>(head_width))));
  const ValueId scaled = TRY(module.emit(Binary{BinaryKind::kMul}, {products, scale}));
  ValueId scores = TRY(add(module, scaled, TRY(position_bias(module, heads))));
  if (mask) scores = TRY(add_mask(module, scores, *mask, block));
  const ValueId weights = TRY(module.child("softmax").emit(Softmax{.axis = 3}, {scores}));

  const ValueId mixed = TRY(module.emit(MatMul{}, {weights, v}));
  const ValueId joined = TRY(reshape(module, TRY(transpose(module, mixed, {0, 2, 1, 3})), shape));
  return linear(module.child("proj"), joined, shape[2]);
}

Result<ValueId> mlp(const ModuleBuilder& module, ValueId x) {
  const int64_t width = module.shape(x).back();
  const ValueId hidden = TRY(linear(module.child("fc1"), x, 4 * width));
  const ValueId active = TRY(module.child("act").emit(Gelu{}, {hidden}));
  return linear(module.child("fc2"), active, width);
}

Result<ValueId> block(const ModuleBuilder& module, ValueId x, int64_t side, int64_t heads,
                      bool odd) {
  const Shape shape = module.shape(x);
  const bool shifted = odd && side > kWindow;
  ValueId y = TRY(layer_norm(module.child("norm1"), x, kEpsilon));
  y = TRY(reshape(module, y, {shape[0], side, side, shape[2]}));
  if (shifted) y = TRY(roll(module, y, -kShift));
  y = TRY(partition(module, y));
  const Tensor mask = shifted ? shift_mask(side) : Tensor();
  y = TRY(attention(module, y, heads, shifted ? &mask : nullptr));
  y = TRY(reverse_partition(module, y, side));
  if (shifted) y = TRY(roll(module, y, kShift));
  x = TRY(add(module, x, TRY(reshape(module, y, shape))));
  const ValueId normed = TRY(layer_norm(module.child("norm2"), x, kEpsilon));
  return add(module, x, TRY(mlp(module.child("mlp"), normed)));
}

/// Halves the sides and doubles the width.
Result<ValueId> merge_patches(const ModuleBuilder& module, ValueId x, int64_t side) {
  const Shape shape = module.shape(x);
  const int64_t half = side / 2;
  x = TRY(reshape(module, x, {shape[0], side, side, shape[2]}));
  const ValueId even_rows = TRY(slice(module, x, 1, 0, half, 2));
  const ValueId even_even = TRY(slice(module, even_rows, 2, 0, half, 2));
  const ValueId odd_rows = TRY(slice(module, x, 1, 1, half, 2));
  const ValueId odd_even = TRY(slice(module, odd_rows, 2, 0, half, 2));
  const ValueId even_odd = TRY(slice(module, even_rows, 2, 1, half, 2));
  const ValueId odd_odd = TRY(slice(module, odd_rows, 2, 1, half, 2));
  x = TRY(module.emit(Concat{.axis = 3}, {even_even, odd_even, even_odd, odd_odd}));
  x = TRY(reshape(module, x, {shape[0], half * half, 4 * shape[2]}));
  x = TRY(layer_norm(module.child("norm"), x, kEpsilon));
  return linear(module.child("reduction"), x, 2 * shape[2], Bias::kNone);
}

}  // namespace

Result<ValueId> swin(const ModuleBuilder& root, ValueId image, const SwinSize& size) {
  const ModuleBuilder embed = root.child("patch_embed");
  ValueId x = TRY(patch_tokens(embed, "proj", image, size.width, kPatch));
  x = TRY(layer_norm(embed.child("norm"), x, kEpsilon));
  int64_t side = kImageSize / kPatch;
  for (size_t stage = 0; stage < size.depths.size(); ++stage) {
    const ModuleBuilder layer = root.item("layers", static_cast<int64_t>(stage));
    for (int64_t i = 0; i < size.depths[stage]; ++i) {
      x = TRY(block(layer.item("blocks", i), x, side, size.heads[stage], i % 2 == 1));
    }
    if (stage + 1 == size.depths.size()) break;
    x = TRY(merge_patches(layer.child("downsample"), x, side));
    side /= 2;
  }
  x = TRY(layer_norm(root.child("norm"), x, kEpsilon));
  x = TRY(mean_of_tokens(root, x));
  x = TRY(linear_of_vectors(root.sequential_item("feature_proj", 0), x, size.embedding));
  return layer_norm(root.sequential_item("feature_proj", 1), x, kEpsilon);
}

}  // namespace nitro::zoo
