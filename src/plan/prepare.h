#pragma once

#include "ir/graph.h"

namespace nitro::plan {

/// The graph as lower() wants it: cleaned up, with the ops fused that have kernels and those split
/// that have none. Exact up to rounding; a prepared graph stays as it is.
Result<Graph> prepare(Graph graph);

}  // namespace nitro::plan
