#pragma once

#include <optional>

#include "cuda/gemm_tile.h"

namespace nitro::cuda {

/// The tile of the projection in kernels/window_attention.cuh; nothing where that kernel cannot
/// compute the step: without wgmma, for more than 64 tokens, for heads whose sizes are no multiples
/// of 16, where the product does more than project (normalised or not).
std::optional<GemmTile> projection_tile(const plan::Plan& plan, const plan::WindowAttention& both,
                                        const Target& target);

/// Dynamic shared memory of a block in bytes.
int64_t shared_bytes(const plan::WindowAttention& both, const GemmTile& tile);

}  // namespace nitro::cuda
