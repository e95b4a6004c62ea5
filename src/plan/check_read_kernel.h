#pragma once

#include "plan/plan.h"

namespace nitro::plan {

/// The part of check_read_plan() about one kernel, all of whose buffers exist.
Result<void> check_read_kernel(const Plan& plan, const Kernel& kernel);

}  // namespace nitro::plan
