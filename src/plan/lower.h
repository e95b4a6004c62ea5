#pragma once

#include "ir/graph.h"
#include "plan/plan.h"

namespace nitro::plan {

struct LowerOptions {
  Precision precision = Precision::kF16;
};

/// The launches that compute `graph`, which should have gone through prepare(). Deterministic.
/// Fails with kUnsupportedOp, naming all the nodes that nothing can compute.
Result<Plan> lower(const Graph& graph, const LowerOptions& options = {});

}  // namespace nitro::plan
