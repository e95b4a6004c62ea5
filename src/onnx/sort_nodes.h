#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "base/error.h"

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace nitro::onnx {

/// The tensor names that `node` reads: its inputs, and what its subgraphs capture from outside.
std::vector<std::string> reads_of(const ::onnx::NodeProto& node);

/// Depth of the deepest subgraph below `graph`; 0 where there is none.
int subgraph_depth(const ::onnx::GraphProto& graph);

/// Indices of the nodes of `graph` in an execution order (file order where that is one). `defined`
/// are the names of inputs and initializers. Fails with kBadModel on a cycle, an undefined tensor,
/// or a tensor with two producers.
Result<std::vector<int>> sort_nodes(const ::onnx::GraphProto& graph,
                                    const std::unordered_set<std::string>& defined);

}  // namespace nitro::onnx
