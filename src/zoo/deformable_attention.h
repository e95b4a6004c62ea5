#pragma once

#include "zoo/module_builder.h"

namespace nitro::zoo {

/// Of the deformable attention of one stage.
struct DeformableSize {
  int64_t heads = 0;
  int64_t groups = 0;  // each samples at places of its own
  int64_t kernel = 0;  // of the depth-wise convolution that finds the places
  int64_t stride = 0;
};

/// DAT's attention of a map [batch, width, side, side] to itself at sampled places, with a relative
/// position bias that is sampled from a table.
Result<ValueId> deformable_attention(const ModuleBuilder& module, ValueId map,
                                     const DeformableSize& size);

/// DAT's LayerNormProxy: nn.LayerNorm `norm` of the channels of a map.
Result<ValueId> channel_norm(const ModuleBuilder& module, ValueId map);

}  // namespace nitro::zoo
