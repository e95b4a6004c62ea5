#pragma once

#include "plan/plan.h"

namespace nitro::plan {

/// Checks what every plan keeps: ids and types of buffers, views inside their buffers, results that
/// no two elements share, nothing read that was not written, no step that reads what it writes, no
/// two live buffers of the arena in one place, unique names. kInternal names the step and what is
/// wrong.
Result<void> verify(const Plan& plan);

/// The part about one kernel's own numbers.
Result<void> verify_kernel(const Plan& plan, const Kernel& kernel);

}  // namespace nitro::plan
