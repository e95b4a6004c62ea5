#pragma once

#include "passes/rewriter.h"

namespace nitro::passes {

// The ops that a joined one consists of, in its place; always true.
Result<bool> split_joined(Rewriter& rewriter, const Node& node, const ProjectedAttention& op);
Result<bool> split_joined(Rewriter& rewriter, const Node& node, const SkipLayerNormalization& op);

}  // namespace nitro::passes
