#pragma once

#include "ir/graph.h"

namespace nitro::predict {

/// The most elements of computed values and inputs that are needed at one time when nodes run in
/// their order, reshapes in place.
double most_live_elements(const Graph& graph);

}  // namespace nitro::predict
