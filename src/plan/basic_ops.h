#pragma once

#include "ir/graph.h"

namespace nitro::plan {

/// Splits what other runtimes want as one op: ProjectedAttention, SkipLayerNormalization, and the
/// padding of convolutions in one group. Returns whether there was any.
Result<bool> use_basic_ops(Graph& graph);

}  // namespace nitro::plan
