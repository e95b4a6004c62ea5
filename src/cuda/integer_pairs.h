#pragma once

#include "cuda/target.h"
#include "plan/plan.h"

namespace nitro::cuda {

/// Lets tensor cores multiply the products of 8-bit integers whose operands lie in pieces of 16
/// bytes: two integers next to each other take the place of a half (plan::Gemm::pairs).
void pair_integers(plan::Plan& plan, const Target& target);

}  // namespace nitro::cuda
