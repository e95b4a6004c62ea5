#pragma once

#include <vector>

#include "passes/modalities.h"

namespace nitro::passes {

/// `graph`, of one input, rebuilt for all modalities at once: it takes an input of each, runs them
/// as one batch, and gives each output once for each, named "output.modality". kUnsupportedOp, with
/// the node, where samples of one batch would mix or lie in no order that is known.
Result<Graph> rebatched(const Graph& graph, const std::vector<Modality>& modalities);

}  // namespace nitro::passes
