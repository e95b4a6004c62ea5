#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "onnx/limits.h"

namespace onnx {
class ModelProto;
class NodeProto;
}  // namespace onnx

namespace nitro::onnx {

/// Opset versions by domain ("" is the standard one).
using Opsets = std::unordered_map<std::string, int64_t>;

/// Of the nodes that came from a function; those of the function, not of the model, hold for them.
using NodeOpsets = std::unordered_map<const ::onnx::NodeProto*, const Opsets*>;

/// What inline_functions() put in the place of calls.
struct InlinedFunctions {
  int64_t calls = 0;
  std::unordered_map<std::string, Opsets> opsets;  // by function
  NodeOpsets node_opsets;                          // into `opsets`
};

/// Replaces each node that calls a function of the model, in subgraphs and functions too, by the
/// nodes of the function. Their tensors and nodes get the name of the call as a scope, and where
/// their metadata names no module, the call's metadata. Fails with kBadModel (recursion, duplicate
/// functions, too many operands) and kLimitExceeded (nodes, nesting, bytes). `model` must live in
/// an arena.
Result<InlinedFunctions> inline_functions(::onnx::ModelProto& model, const Limits& limits);

}  // namespace nitro::onnx
