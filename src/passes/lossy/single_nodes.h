#pragma once

#include <optional>
#include <vector>

#include "passes/lossy/calibration.h"
#include "passes/lossy/score_masks.h"
#include "passes/lossy/skipped_nodes.h"

namespace nitro::passes {

/// What single_nodes() goes by.
struct SingleRules {
  const SkippedNodes& skipped;
  const ScoreMasks& masks;
  bool sensitive = true;  // also what f16 is too coarse or too narrow for
  /// By value; empty: not known, so that whatever may grow counts.
  std::vector<std::optional<Extremes>> extremes = {};
  double margin = 2;  // how much further than the extremes values may go
};

/// Which nodes of `graph`, by id, compute in f32 where all others compute in f16. A cheap node
/// between such ones is one of them, so that there are no two conversions around it.
std::vector<bool> single_nodes(const Graph& graph, const SingleRules& rules);

/// Whether anything that `node` reads, constants included, or makes is f32.
bool has_singles(const Graph& graph, const Node& node);

}  // namespace nitro::passes
