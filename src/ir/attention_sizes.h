#pragma once

#include "ir/infer.h"

namespace nitro {

/// What an Attention computes on, whichever rank its operands have.
struct AttentionSizes {
  int64_t batch = 0;
  int64_t heads = 0;      // of q
  int64_t key_heads = 0;  // of k and v
  int64_t queries = 0;
  int64_t keys = 0;
  int64_t head_size = 0;   // of q and k
  int64_t value_size = 0;  // of v
};

/// The sizes of `op` on operands q, k, v; kShapeMismatch where they do not fit together.
Result<AttentionSizes> attention_sizes(const Attention& op, const Operands& in);

}  // namespace nitro
