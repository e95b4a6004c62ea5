#pragma once

#include "zoo/module_builder.h"

namespace nitro::zoo {

/// CLIP's Transformer: `layers` residual attention blocks with quick GELU on tokens
/// [batch, tokens, width]. `mask` [tokens, tokens] is added to the scores, or is kNoValue.
Result<ValueId> clip_transformer(const ModuleBuilder& module, ValueId tokens, int64_t layers,
                                 int64_t heads, ValueId mask);

/// CLIP's LayerNorm, whose epsilon is PyTorch's default.
Result<ValueId> clip_norm(const ModuleBuilder& module, ValueId tokens);

}  // namespace nitro::zoo
