#include <cmath>

#include "zoo/architectures.h"
#include "zoo/layers.h"

namespace nitro::zoo {
namespace {

constexpr double kEpsilon = 1e-6;
constexpr int64_t kPatch = 16;

Result<ValueId> embeddings(const ModuleBuilder& module, ValueId image, int64_t width) {
  const int64_t batch = module.shape(image)[0];
  const ValueId token =
      TRY(module.parameter("cls_token", {1, 1, width}, ParameterKind::kEmbedding));
  const ValueId tokens = TRY(module.emit(Expand{{batch, 1, width}}, {token}));
  const ValueId patches = TRY(patch_tokens(module, "patch_embeddings", image, width, kPatch));
  const ValueId all = TRY(module.emit(Concat{.axis = 1}, {tokens, patches}));
  const Shape table = {1, module.shape(all)[1], width};
  const ValueId positions =
      TRY(module.parameter("position_embeddings", table, ParameterKind::kEmbedding));
  return add(module, all, positions);
}

Result<ValueId> attention(const ModuleBuilder& module, ValueId x, int64_t heads) {
  const Shape shape = module.shape(x);
  const int64_t head_width = shape[2] / heads;
  const Shape split = {shape[0], shape[1], heads, head_width};
  const ValueId q = TRY(linear(module.child("query"), x, shape[2]));
  const ValueId k = TRY(linear(module.child("key"), x, shape[2]));
  const ValueId v = TRY(linear(module.child("value"), x, shape[2]));
  const ValueId q_heads = TRY(transpose(module, TRY(reshape(module, q, split)), {0, 2, 1, 3}));
  const ValueId k_split = TRY(reshape(module, k, split));
  const ValueId v_heads = TRY(transpose(module, TRY(reshape(module, v, split)), {0, 2, 1, 3}));
  const ValueId k_heads = TRY(transpose(module, k_split, {0, 2, 3, 1}));

  const ValueId products = TRY(module.emit(MatMul{}, {q_heads, k_heads}));
  const ValueId divisor =
      module.constant(Tensor::scalar(DType::kF32, std::sqrt(static_cast<double>(head_width))));
  const ValueId scores = TRY(module.emit(Binary{BinaryKind::kDiv}, {products, divisor}));
  const ValueId weights = TRY(module.child("softmax").emit(Softmax{.axis = 3}, {scores}));
  const ValueId mixed = TRY(module.emit(MatMul{}, {weights, v_heads}));
  const ValueId joined = TRY(reshape(module, TRY(transpose(module, mixed, {0, 2, 1, 3})), shape));
  return linear(module.child("out"), joined, shape[2]);
}

Result<ValueId> mlp(const ModuleBuilder& module, ValueId x) {
  const int64_t width = module.shape(x).back();
  const ValueId hidden = TRY(linear(module.child("fc1"), x, 4 * width));
  const ValueId active = TRY(module.emit(Gelu{}, {hidden}));
  return linear(module.child("fc2"), active, width);
}

Result<ValueId> block(const ModuleBuilder& module, ValueId x, int64_t heads) {
  const ValueId first = TRY(layer_norm(module.child("attention_norm"), x, kEpsilon));
  x = TRY(add(module, TRY(attention(module.child("attn"), first, heads)), x));
  const ValueId second = TRY(layer_norm(module.child("ffn_norm"), x, kEpsilon));
  return add(module, TRY(mlp(module.child("ffn"), second)), x);
}

}  // namespace

Result<ValueId> vit(const ModuleBuilder& root, ValueId image, const VitSize& size) {
  const ModuleBuilder transformer = root.child("transformer");
  ValueId x = TRY(embeddings(transformer.child("embeddings"), image, size.width));
  const ModuleBuilder encoder = transformer.child("encoder");
  for (int64_t i = 0; i < size.layers; ++i) {
    x = TRY(block(encoder.item("layer", i), x, size.heads));
  }
  x = TRY(layer_norm(encoder.child("encoder_norm"), x, kEpsilon));
  x = TRY(mean_of_tokens(root, x));
  return linear_of_vectors(root.child("head"), x, kEmbeddingSize);
}

}  // namespace nitro::zoo
