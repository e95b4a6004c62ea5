#pragma once

#include <vector>

#include "ir/graph.h"

namespace nitro::passes {

/// The values that layers with constant weights read: the first operand of each MatMul, Gemm, Conv
/// and ProjectedAttention whose second is a constant of f32, f16 or bf16. Each once, in the order
/// of the nodes.
std::vector<ValueId> linear_inputs(const Graph& graph);

/// What convolutions with constant weights make, after a Relu or Clip that nothing else is beside.
std::vector<ValueId> convolution_outputs(const Graph& graph);

}  // namespace nitro::passes
