#pragma once

#include "base/json.h"
#include "ir/graph.h"

namespace nitro::cli {

/// What a graph amounts to; constants that nothing reads do not count.
struct GraphSummary {
  int64_t nodes = 0;
  int64_t parameters = 0;  // elements of floating-point constants
  int64_t constant_bytes = 0;
  double flops = 0;
};

GraphSummary summarize(const Graph& graph);

/// [{"name", "dtype", "shape"}]
Json values_json(const Graph& graph, const std::vector<ValueId>& ids);

}  // namespace nitro::cli
