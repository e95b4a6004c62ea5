#pragma once

#include "cuda/target.h"
#include "plan/plan.h"

namespace nitro::cuda {

/// Blocks of the cluster that has one batch, their threads, and the warps of each that sum up
/// tokens.
inline constexpr int64_t kHeadBlocks = 8, kHeadThreads = 512, kHeadRowWarps = 8;

/// Makes a mean of tokens, their LayerNorm before it, the product after it and the LayerNorm of its
/// rows one step where the device has clusters and the weights fit the blocks of one.
void fuse_heads(plan::Plan& plan, const Target& target);

/// Dynamic shared memory of a block in bytes: kernels/pooled_head.cuh, struct Shared.
int64_t shared_bytes(const plan::PooledHead& head);

}  // namespace nitro::cuda
