#pragma once

#include "base/error.h"
#include "onnx/byte_budget.h"
#include "onnx/unique_names.h"

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace nitro::onnx {

/// The branch that the If `node` takes under `condition`, or nullptr where it has none.
::onnx::GraphProto* taken_branch(::onnx::NodeProto& node, bool condition);

/// Fits the nodes and initializers of `branch` into the graph around the If `node`: its outputs get
/// the names that the If gives them, and what it defines gets other names where its own are in use
/// outside the If. Fails with kLimitExceeded when the budget is spent.
Result<void> inline_branch(const ::onnx::NodeProto& node, ::onnx::GraphProto& branch,
                           UniqueNames& taken, ByteBudget& budget);

}  // namespace nitro::onnx
