#pragma once

#include <optional>
#include <vector>

#include "passes/lossy/calibration.h"

namespace nitro::passes {

/// A value that holds the extremes of others: [2n], the least and the greatest element of each.
struct ExtremesValue {
  std::vector<ValueId> of;  // n
  ValueId value = kNoValue;
};

/// Adds to the outputs of `graph` the extremes of all its f32 values that anything reads, constants
/// aside.
Result<ExtremesValue> add_extremes_value(Graph& graph);

/// What `calibration` saw of each value of `graph`. Fails with kBadRecipe where it has no extremes,
/// or is of another graph.
Result<std::vector<std::optional<Extremes>>> extremes_of(const Calibration& calibration,
                                                         const Graph& graph);

}  // namespace nitro::passes
