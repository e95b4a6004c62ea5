#pragma once

#include "ir/graph.h"

namespace nitro {

/// Same op and same attributes; all NaNs are one, and 0 differs from -0.
bool equal(const Op& a, const Op& b);

/// Same values, nodes, origins and names under the same ids; constants by their bytes.
bool equal(const Graph& a, const Graph& b);

}  // namespace nitro
