#pragma once

#include "cuda/target.h"
#include "plan/plan.h"

namespace nitro::cuda {

/// Where one product makes the rows that another normalises, the first leaves the parts of their
/// statistics (plan::Gemm::row_parts_out), so that the second need not wait for whole rows. The
/// places of arena buffers are no longer valid then.
void share_row_parts(plan::Plan& plan, const Target& target);

}  // namespace nitro::cuda
