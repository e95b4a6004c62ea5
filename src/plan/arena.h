#pragma once

#include "plan/plan.h"

namespace nitro::plan {

/// Gives each arena buffer a place such that none overlaps another that is alive at the same step
/// (from its first writer to its last reader), and sets arena_bytes. One that no step uses becomes
/// empty. Deterministic.
void assign_arena(Plan& plan);

/// Gives the constants their places, in order, and sets constant_bytes. A constant that no step
/// reads loses its content.
void assign_constants(Plan& plan);

}  // namespace nitro::plan
