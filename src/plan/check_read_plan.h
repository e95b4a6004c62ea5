#pragma once

#include "plan/plan.h"

namespace nitro::plan {

/// What must hold of a plan from a file before anything computes with its numbers: every id exists,
/// every buffer lies in its memory, and products and attentions touch nothing outside of their
/// operands. In time proportional to the tables; verify() then proves the rest. kBadFile or
/// kLimitExceeded.
Result<void> check_read_plan(const Plan& plan);

}  // namespace nitro::plan
