#pragma once

#include "cuda/target.h"
#include "plan/plan.h"

namespace nitro::cuda {

/// Lays what products read in panels (plan::MatrixView::panel_rows) in the order of their rows,
/// where the steps that write and read it can: then a segment of a tile of `a` is one copy
/// (kernels/gemm_panels.cuh). Attention of short
/// rows takes the product that makes its queries, keys and values with it (plan::WindowAttention).
/// The places of arena buffers are no longer valid then.
void use_panels(plan::Plan& plan, const Target& target);

}  // namespace nitro::cuda
