#pragma once

#include "ir/graph.h"

namespace nitro::plan {

/// Makes softmax(scale * q @ k^T + bias) @ v one Attention wherever it stands, also where q, k and
/// v are no slices of one projection. Returns whether there was any.
Result<bool> fuse_scores(Graph& graph);

}  // namespace nitro::plan
