#pragma once

#include "ir/graph.h"

namespace nitro {

/// Longest name of a value, an input, an origin or a graph.
inline constexpr size_t kMaxNameBytes = 64 * 1024;

/// Checks every invariant of a graph; the first one broken is kBadModel and named. Read the .cc as
/// the list of invariants.
Result<void> verify(const Graph& graph);

}  // namespace nitro
