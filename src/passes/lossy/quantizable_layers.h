#pragma once

#include <vector>

#include "ir/graph.h"

namespace nitro::passes {

/// A layer with constant weights of f32 that runtimes compute with 8-bit integers.
struct QuantizableLayer {
  ValueId x = kNoValue;
  ValueId weight = kNoValue;
  ValueId bias = kNoValue;  // a vector of the channels of the output, or none
  ValueId output = kNoValue;
  int64_t channel_axis = 0;  // of the weights: that of the output's channels
  /// The product or convolution, then the sum with the bias where that is a node of its own. Of
  /// the Relu or Clip that follows a convolution alone, the last is it and makes `output`.
  std::vector<const Node*> nodes;

  const Node& node() const { return *nodes[0]; }
  bool is_convolution() const;
};

/// MatMul by a matrix (with its bias), Gemm, and Conv; in the order of the nodes that make their
/// outputs.
std::vector<QuantizableLayer> quantizable_layers(const Graph& graph);

}  // namespace nitro::passes
