#pragma once

#include "ir/graph.h"
#include "plan/plan.h"
#include "plan/wide_values.h"

namespace nitro::plan {

struct LowerOptions {
  Precision precision = Precision::kF16;
  /// Inputs of the graph. With kF16 the values that one of them shows to be beyond what f16 holds
  /// (plan/wide_values.h) are stored and multiplied in f32.
  Samples samples = {};
};

/// The launches that compute `graph`, which should have gone through prepare(). Deterministic.
/// Fails with kUnsupportedOp, naming all the nodes that nothing can compute.
Result<Plan> lower(const Graph& graph, const LowerOptions& options = {});

}  // namespace nitro::plan
