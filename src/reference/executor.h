#pragma once

#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "ir/graph.h"

namespace nitro::reference {

struct ExecuteOptions {
  /// Called after each of the `total` nodes to run; kInterrupted where it returns false.
  std::function<bool(size_t done, size_t total)> progress = {};
  /// Called after each node that ran.
  std::function<void(NodeId node)> ran = {};
  /// Called with each result of a node that ran, and its elements.
  std::function<void(ValueId value, const Tensor& tensor)> made = {};
  /// Of all values alive at once, constants not counted; kOutOfMemory above it.
  int64_t memory_limit_bytes = std::numeric_limits<int64_t>::max();
};

/// The outputs of `graph` on `inputs`, which must have the types of its inputs (kShapeMismatch
/// names the one that has not). Nodes that no output needs are not run, and a value is freed after
/// its last use. Errors name the node.
Result<std::vector<Tensor>> execute(const Graph& graph, std::span<const Tensor> inputs,
                                    const ExecuteOptions& options = {});

/// The same for any values: inputs, constants, and results in the middle of the graph.
Result<std::vector<Tensor>> execute_values(const Graph& graph, std::span<const Tensor> inputs,
                                           std::span<const ValueId> wanted,
                                           const ExecuteOptions& options = {});

}  // namespace nitro::reference
