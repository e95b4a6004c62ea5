#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"

namespace nitro::passes {

/// `grey`: enters as one channel of 0..1, which the graph replicates and normalises.
struct Modality {
  std::string name;
  bool grey = false;
};

/// `graph`, of one input, rebuilt for all modalities at once: it takes an input of each, runs them
/// as one batch, and gives each output once for each, named "output.modality". kUnsupportedOp, with
/// the node, where samples of one batch would mix or lie in no order that is known.
Result<Graph> rebatched(const Graph& graph, const std::vector<Modality>& modalities);

}  // namespace nitro::passes
