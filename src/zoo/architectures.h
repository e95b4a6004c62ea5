#pragma once

#include "zoo/module_builder.h"
#include "zoo/zoo.h"

namespace nitro::zoo {

/// The embedding [batch, size.embedding or kEmbeddingSize] of a normalised image [batch, 3, 224,
/// 224] by EdgeVL's students.
Result<ValueId> vit(const ModuleBuilder& root, ValueId image, const VitSize& size);
Result<ValueId> swin(const ModuleBuilder& root, ValueId image, const SwinSize& size);
Result<ValueId> dat(const ModuleBuilder& root, ValueId image, const DatSize& size);

/// What CLIP makes of a normalised image [batch, 3, 224, 224] and the ids of tokens
/// i32[texts, kTextTokens]: embeddings [batch, embedding] and [texts, embedding] of length 1, and
/// their scaled products [batch, texts].
struct ClipOutputs {
  ValueId image = kNoValue;
  ValueId text = kNoValue;
  ValueId logits = kNoValue;
};
Result<ClipOutputs> clip(const ModuleBuilder& root, ValueId image, ValueId text,
                         const ClipSize& size);

}  // namespace nitro::zoo
