#pragma once

#include "cuda/target.h"
#include "plan/plan.h"

namespace nitro::cuda {

/// Packs the weights of products for the tiles that the tensor core kernels read them in
/// (plan::Gemm::packed_rows).
void pack_weights(plan::Plan& plan, const Target& target);

/// Whether b can be packed: a constant of halves or pairs with whole rows.
bool packable(const plan::Plan& plan, const plan::Gemm& gemm);

}  // namespace nitro::cuda
