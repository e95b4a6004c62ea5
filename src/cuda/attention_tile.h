#pragma once

#include <optional>

#include "cuda/target.h"
#include "plan/plan.h"

namespace nitro::cuda {

/// How a block of kernels/attention_mma.cuh is made up.
struct AttentionTile {
  int64_t query_warps = 4;
  int64_t key_warps = 1;
  int64_t keys_each = 0;
  int64_t piece = 0;

  int64_t threads() const { return 32 * query_warps * key_warps; }
};

/// The tile by rule; nothing where the tensor core kernel cannot compute the attention (before
/// compute capability 8.0, other types than f16, more keys than fit).
std::optional<AttentionTile> attention_tile(const plan::Plan& plan,
                                            const plan::Attention& attention, const Target& target);

/// Dynamic shared memory of a block in bytes.
int64_t shared_bytes(const plan::Attention& attention, const AttentionTile& tile);

/// Whether the rows of each operand and of the result can be moved in pieces of 16 bytes.
bool in_pieces(const plan::Attention& attention);

}  // namespace nitro::cuda
