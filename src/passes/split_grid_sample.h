#pragma once

#include "passes/rewriter.h"

namespace nitro::passes {

/// Bilinear samples of images, beyond which are zeros or their borders, as weighted sums of
/// gathered pixels. Places must not be NaN. False, and nothing done, for other samplings and for
/// images of one row or column.
Result<bool> split_grid_sample(Rewriter& rewriter, const Node& node, const GridSample& op);

}  // namespace nitro::passes
