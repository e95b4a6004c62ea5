#pragma once

#include <set>
#include <utility>

#include "ir/graph.h"

namespace nitro::passes {

/// What is added to the scores that a softmax takes, or stands for them where they are masked. How
/// far below the scores it lies makes no difference.
struct ScoreMasks {
  std::set<std::pair<const Node*, size_t>> operands;  // constants
  std::set<ValueId> masked;                           // scores with such
};
ScoreMasks score_masks(const Graph& graph);

}  // namespace nitro::passes
