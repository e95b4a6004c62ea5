#pragma once

#include <functional>
#include <string>
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

/// Indices of the nodes of `graph` in an execution order (file order where that is one).
/// `is_defined` holds for the names of inputs and initializers. Fails with kBadModel on a cycle, an
/// undefined tensor, or a tensor with two producers.
Result<std::vector<int>> sort_nodes(const ::onnx::GraphProto& graph,
                                    const std::function<bool(const std::string&)>& is_defined);

}  // namespace nitro::onnx
