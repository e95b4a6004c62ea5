#include "cuda/specialise.h"

#include "cuda/attention_layout.h"
#include "cuda/integer_pairs.h"
#include "cuda/packed_weights.h"
#include "cuda/panels.h"
#include "cuda/pooled_head.h"
#include "cuda/row_parts.h"
#include "plan/arena.h"

namespace nitro::cuda {

plan::Plan specialise(plan::Plan plan, const Target& target) {
  if (target.compute_capability >= 90) order_rows(plan);
  fuse_heads(plan, target);
  pair_integers(plan, target);
  share_row_parts(plan, target);
  use_panels(plan, target);
  pack_weights(plan, target);
  plan::assign_arena(plan);
  plan::assign_constants(plan);
  return plan;
}

}  // namespace nitro::cuda
