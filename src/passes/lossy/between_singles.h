#pragma once

#include <vector>

#include "ir/graph.h"

namespace nitro::passes {

/// Adds to the nodes of `single` (by id) what would have conversions to f16 and back around it:
/// movement of what one of them makes for another, and cheap nodes that lie wholly between them or
/// before the outputs of `graph`. `readers` are the nodes that read each value.
void add_between_singles(const Graph& graph, const std::vector<std::vector<NodeId>>& readers,
                         std::vector<bool>& single);

}  // namespace nitro::passes
