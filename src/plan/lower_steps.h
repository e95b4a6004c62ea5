#pragma once

#include "plan/groups.h"

namespace nitro::plan {

/// The graph as lower_steps() wants it: each reader of a DequantizeLinear has one of its own, which
/// can become a part of it, and images are stored with their channels last.
Result<Graph> arranged(const Graph& graph);

/// Makes the whole plan in `lowering`; afterwards it also tells which values the steps compute.
Result<void> lower_steps(Lowering& lowering);

}  // namespace nitro::plan
