#pragma once

#include "cuda/arithmetic.h"
#include "cuda/roofs.h"
#include "profile/bound.h"

namespace nitro::profile {

/// Compares the time of a kernel with what the roofs of its GPU allow: time at the roof of its kind
/// of arithmetic (that of f32 where it was not measured), at the bandwidth of the second-level
/// cache, if that holds the bytes (what blocks read again counts, as the hardware counted or else
/// by the sizes of the blocks), or else of the device's memory, and the cost of the smallest step.
/// The larger of the first two is the bound if it explains at least kExplains of the time; else the
/// launch, if it does; else waves, if idle_share() is as much. Movement alone is `layout`.
Explanation explain_on_gpu(const LayerFacts& layer, cuda::Arithmetic arithmetic,
                           const cuda::GpuRoofs& roofs);

/// The part of their time in which multiprocessors have none of `waves` blocks each, if all blocks
/// take as long: 0 for 1, 2 or where not known (0), nearly a half just above 1.
double idle_share(double waves);

}  // namespace nitro::profile
