#include "zoo/clip_transformer.h"

#include "zoo/layers.h"

namespace nitro::zoo {
namespace {

/// nn.MultiheadAttention of the tokens with themselves.
Result<ValueId> attention(const ModuleBuilder& module, ValueId x, int64_t heads, ValueId mask) {
  const Shape shape = module.shape(x);
  const int64_t head_width = shape[2] / heads;
  const ValueId qkv =
      TRY(linear_named(module, x, 3 * shape[2], {"in_proj_weight", "in_proj_bias"}));
  const ValueId split = TRY(reshape(module, qkv, {shape[0], shape[1], 3, heads, head_width}));
  const ValueId stacked = TRY(transpose(module, split, {2, 0, 3, 1, 4}));
  const auto [q, k, v] = TRY(scaled_heads(module, stacked));
  const ValueId k_columns = TRY(transpose(module, k, {0, 1, 3, 2}));
  ValueId scores = TRY(module.emit(MatMul{}, {q, k_columns}));
  if (mask != kNoValue) scores = TRY(add(module, scores, mask));
  const ValueId weights = TRY(module.emit(Softmax{.axis = 3}, {scores}));
  const ValueId mixed = TRY(module.emit(MatMul{}, {weights, v}));
  const ValueId joined = TRY(reshape(module, TRY(transpose(module, mixed, {0, 2, 1, 3})), shape));
  return linear(module.child("out_proj"), joined, shape[2]);
}

/// x * sigmoid(1.702 * x).
Result<ValueId> quick_gelu(const ModuleBuilder& module, ValueId x) {
  const ValueId slope = module.constant(Tensor::scalar(DType::kF32, 1.702));
  const ValueId steep = TRY(module.emit(Binary{BinaryKind::kMul}, {x, slope}));
  const ValueId gate = TRY(module.emit(Unary{UnaryKind::kSigmoid}, {steep}));
  return module.emit(Binary{BinaryKind::kMul}, {x, gate});
}

Result<ValueId> mlp(const ModuleBuilder& module, ValueId x) {
  const int64_t width = module.shape(x).back();
  const ValueId hidden = TRY(linear(module.child("c_fc"), x, 4 * width));
  const ValueId active = TRY(quick_gelu(module.child("gelu"), hidden));
  return linear(module.child("c_proj"), active, width);
}

}  // namespace

Result<ValueId> clip_norm(const ModuleBuilder& module, ValueId tokens) {
  constexpr double kEpsilon = 1e-5;
  return layer_norm(module, tokens, kEpsilon);
}

Result<ValueId> clip_transformer(const ModuleBuilder& module, ValueId tokens, int64_t layers,
                                 int64_t heads, ValueId mask) {
  ValueId x = tokens;
  for (int64_t i = 0; i < layers; ++i) {
    const ModuleBuilder block = module.sequential_item("resblocks", i);
    const ValueId first = TRY(clip_norm(block.child("ln_1"), x));
    x = TRY(add(block, x, TRY(attention(block.child("attn"), first, heads, mask))));
    const ValueId second = TRY(clip_norm(block.child("ln_2"), x));
    x = TRY(add(block, x, TRY(mlp(block.child("mlp"), second))));
  }
  return x;
}

}  // namespace nitro::zoo
