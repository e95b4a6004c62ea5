#pragma once

#include "ir/graph.h"

namespace nitro::passes {

/// Which nodes of `graph`, by id, are those of a normalisation written as several: differences from
/// the mean, squares, their sums, what follows from these, and the quotient. Squares leave the
/// range of f16 to both sides, and an epsilon vanishes in it. Any number below kLeastNormalHalf
/// that guards a divisor from 0 begins such a chain, too.
std::vector<bool> norm_statistics(const Graph& graph);

}  // namespace nitro::passes
