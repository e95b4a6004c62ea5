#pragma once

#include <vector>

#include "ir/graph.h"

namespace nitro::passes {

/// Whether what `nodes` make, except `root`, is read by `nodes` alone: then a rewrite of `root`
/// leaves nothing of them behind. A node may be listed more than once.
bool is_enclosed(const Graph& graph, const std::vector<uint32_t>& uses,
                 const std::vector<const Node*>& nodes, ValueId root);

}  // namespace nitro::passes
