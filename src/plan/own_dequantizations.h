#pragma once

#include "ir/graph.h"

namespace nitro::plan {

/// Each reader of the result of a DequantizeLinear gets one of its own.
Result<Graph> with_own_dequantizations(const Graph& graph);

}  // namespace nitro::plan
