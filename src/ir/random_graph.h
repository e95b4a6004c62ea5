#pragma once

#include "base/random.h"
#include "ir/graph.h"

namespace nitro {

/// A valid graph of about `nodes` nodes for property tests: f32 values of small shapes with
/// moderate elements, some of them shared, some dead; every node has an origin.
Graph random_graph(Random& random, int64_t nodes);

}  // namespace nitro
