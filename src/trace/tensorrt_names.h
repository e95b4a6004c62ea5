#pragma once

#include <string>
#include <vector>

#include "trace/trtexec_layers.h"

namespace nitro::trace {

/// A node of the ONNX file that an engine was built from.
struct NetworkNode {
  std::string name;                 // unique
  std::vector<std::string> inputs;  // tensors
  std::vector<std::string> outputs;
};

enum class LayerKind : uint8_t {
  kNodes,     // computes nodes
  kReformat,  // another layout or precision for a layer, whose nodes it has
  kCopy,      // into the result of a concatenation
  kForeign,   // a region of nodes compiled as one
  kUnknown,   // of no node that its name or tensors tell
};

struct LayerNodes {
  LayerKind kind = LayerKind::kUnknown;
  std::vector<size_t> nodes;  // places in the network, sorted
};

/// For each layer, in order of execution, the nodes of `network` (in order of execution) that it is
/// of. Their names are taken from what TensorRT says (onnx_nodes), else from the layer's name, the
/// longest that fits first: "a + b", "a || b", "PWN(PWN(a), b)", "Reformatting CopyNode for Input
/// Tensor 0 to a", "x copy", with " [profile 0]" after it. "{ForeignNode[a...b]}" is all nodes on
/// the ways from a to b that no other layer has, and those that feed only these. A layer without a
/// name of the network, "(Unnamed Layer* 3) [Shuffle]", has the node that makes its output, where
/// the tensors of the layer are known. Other words, such as the names of weights, are passed over.
std::vector<LayerNodes> nodes_of_layers(const std::vector<EngineLayer>& layers,
                                        const std::vector<NetworkNode>& network);

}  // namespace nitro::trace
