#pragma once

#include <functional>
#include <span>
#include <vector>

#include "ir/graph.h"
#include "plan/plan.h"

namespace nitro::plan {

/// Nodes to be computed by one Loop.
struct Fusion {
  std::vector<NodeId> nodes;     // execution order
  std::vector<ValueId> results;  // outputs of the nodes, all with as many elements
};

/// Whether the node may be computed inside its consumers: little work per element, and nothing that
/// elements share. A node that is not may be followed in its fusion by pointwise nodes of the same
/// shape; after anything else it would be computed again for each element.
bool fusable(const Graph& graph, const Node& node);

/// Whether make_loop() can compute the node.
bool has_element_code(const Graph& graph, const Node& node);

/// A Loop that computes `fusion.results` into `result_buffers` from the values that the nodes read
/// from outside, which lie in `buffer_of(value)`. Values between fused nodes are not rounded to
/// their type in the graph. Fails with kUnsupportedOp for an op without code.
Result<Loop> make_loop(const Graph& graph, const Fusion& fusion,
                       const std::function<BufferId(ValueId)>& buffer_of,
                       const std::vector<BufferId>& result_buffers,
                       const std::vector<Buffer>& buffers);

}  // namespace nitro::plan
