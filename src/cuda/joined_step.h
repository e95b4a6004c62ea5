#pragma once

#include <vector>

#include "plan/plan.h"

namespace nitro::cuda {

/// One step that does by `kernel` what several of a plan do, in their order: with the names, origins
/// and FLOPs of all, and the bytes of what the kernel reads and writes.
plan::Step joined_step(const plan::Plan& plan, const std::vector<const plan::Step*>& steps,
                       plan::Kernel kernel);

}  // namespace nitro::cuda
