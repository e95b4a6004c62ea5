#include <limits>

#include "zoo/architectures.h"
#include "zoo/clip_transformer.h"
#include "zoo/layers.h"

namespace nitro::zoo {
namespace {

/// 0 for a token and those before it, minus infinity for those after.
Tensor causal_mask(int64_t tokens) {
  std::vector<double> mask;
  for (int64_t to = 0; to < tokens; ++to) {
    for (int64_t from = 0; from < tokens; ++from)
      mask.push_back(from > to ? -std::numeric_limits<double>::infinity() : 0);
  }
  return Tensor::of(DType::kF32, {tokens, tokens}, mask);
}

/// Vectors [batch, in] times the parameter `name` [in, out], which is stored as it is used.
Result<ValueId> project(const ModuleBuilder& module, ValueId vectors, std::string_view name,
                        int64_t out) {
  const int64_t in = module.shape(vectors).back();
  const ValueId matrix = TRY(module.parameter(name, {in, out}, ParameterKind::kWeight));
  return module.emit(MatMul{}, {vectors, matrix});
}

Result<ValueId> embed_image(const ModuleBuilder& module, ValueId image, const ClipSize& size) {
  const int64_t width = size.image.width, batch = module.shape(image)[0];
  const ValueId patches = TRY(patch_tokens(module, "conv1", image, width, size.patch, Bias::kNone));
  const ValueId token =
      TRY(module.parameter("class_embedding", {width}, ParameterKind::kEmbedding));
  const ValueId classes = TRY(module.emit(Expand{{batch, 1, width}}, {token}));
  ValueId x = TRY(module.emit(Concat{.axis = 1}, {classes, patches}));
  const ValueId positions = TRY(module.parameter(
      "positional_embedding", {module.shape(x)[1], width}, ParameterKind::kEmbedding));
  x = TRY(clip_norm(module.child("ln_pre"), TRY(add(module, x, positions))));
  x = TRY(clip_transformer(module.child("transformer"), x, size.image.layers, size.image.heads,
                           kNoValue));
  const ValueId first = TRY(slice(module, x, 1, 0, 1));
  x = TRY(clip_norm(module.child("ln_post"), TRY(reshape(module, first, {batch, width}))));
  return project(module, x, "proj", size.embedding);
}

/// 1 at the first of the largest ids of each text, 0 elsewhere: f32[texts, tokens]. In integers and
/// without ArgMax, which some runtimes have for floating-point numbers alone: f16 cannot tell the
/// largest ids apart.
Result<ValueId> end_of_text(const ModuleBuilder& root, ValueId text) {
  const int64_t tokens = root.shape(text)[1];
  std::vector<double> places_left;
  for (int64_t i = 0; i < tokens; ++i) places_left.push_back(static_cast<double>(tokens - i));
  const ValueId order = root.constant(Tensor::of(DType::kI32, {tokens}, places_left));
  const Reduce largest{.kind = ReduceKind::kMax, .axes = {1}, .keep_dims = true};
  const ValueId id = TRY(root.emit(largest, {text}));
  const ValueId is_largest = TRY(root.emit(Binary{BinaryKind::kEqual}, {text, id}));
  const ValueId flags = TRY(root.emit(Cast{DType::kI32}, {is_largest}));
  const ValueId ranks = TRY(root.emit(Binary{BinaryKind::kMul}, {flags, order}));
  const ValueId first = TRY(root.emit(largest, {ranks}));
  const ValueId is_first = TRY(root.emit(Binary{BinaryKind::kEqual}, {order, first}));
  return root.emit(Cast{DType::kF32}, {is_first});
}

Result<ValueId> embed_text(const ModuleBuilder& root, ValueId text, const ClipSize& size) {
  const int64_t width = size.text.width, texts = root.shape(text)[0], tokens = root.shape(text)[1];
  const ModuleBuilder embedding = root.child("token_embedding");
  const ValueId table =
      TRY(embedding.parameter("weight", {size.vocabulary, width}, ParameterKind::kEmbedding));
  ValueId x = TRY(embedding.emit(Gather{.axis = 0}, {table, text}));
  const ValueId positions =
      TRY(root.parameter("positional_embedding", {tokens, width}, ParameterKind::kEmbedding));
  x = TRY(add(root, x, positions));
  const ValueId mask = root.constant(causal_mask(tokens), "attn_mask");
  x = TRY(clip_transformer(root.child("transformer"), x, size.text.layers, size.text.heads, mask));
  x = TRY(clip_norm(root.child("ln_final"), x));
  const ValueId end = TRY(reshape(root, TRY(end_of_text(root, text)), {texts, 1, tokens}));
  x = TRY(reshape(root, TRY(root.emit(MatMul{}, {end, x})), {texts, width}));
  return project(root, x, "text_projection", size.embedding);
}

/// Divided by its Euclidean length, along the last axis.
Result<ValueId> normalized(const ModuleBuilder& root, ValueId vectors) {
  const Reduce length{.kind = ReduceKind::kL2, .axes = {1}, .keep_dims = true};
  const ValueId lengths = TRY(root.emit(length, {vectors}));
  return root.emit(Binary{BinaryKind::kDiv}, {vectors, lengths});
}

}  // namespace

Result<ClipOutputs> clip(const ModuleBuilder& root, ValueId image, ValueId text,
                         const ClipSize& size) {
  ClipOutputs outputs;
  outputs.image = TRY(normalized(root, TRY(embed_image(root.child("visual"), image, size))));
  outputs.text = TRY(normalized(root, TRY(embed_text(root, text, size))));
  const ValueId logarithm = TRY(root.parameter("logit_scale", {}, ParameterKind::kScale));
  const ValueId scale = TRY(root.emit(Unary{UnaryKind::kExp}, {logarithm}));
  const ValueId scaled = TRY(root.emit(Binary{BinaryKind::kMul}, {scale, outputs.image}));
  const ValueId columns = TRY(transpose(root, outputs.text, {1, 0}));
  outputs.logits = TRY(root.emit(MatMul{}, {scaled, columns}));
  return outputs;
}

}  // namespace nitro::zoo
