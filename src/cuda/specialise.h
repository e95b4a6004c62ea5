#pragma once

#include "cuda/target.h"
#include "plan/plan.h"

namespace nitro::cuda {

/// The plan as one device runs it best: weights of the tensor core kernel are packed for the tiles
/// they are read in, and a product whose result is normalised by others leaves them its rows'
/// parts. What the plan computes stays the same. To be called once, before program_for().
plan::Plan specialise(plan::Plan plan, const Target& target);

}  // namespace nitro::cuda
