#pragma once

#include <vector>

#include "ir/graph.h"

namespace nitro::passes {

/// A LayerNorm, or one of a sum, over the last axis by a constant scale and a constant shift or
/// none, which nothing reads but linear layers.
struct NormBeforeLayers {
  const Node* norm;
  /// MatMul, Gemm and ProjectedAttention by a constant matrix, with a constant bias or none.
  std::vector<const Node*> layers;
  std::vector<const Node*> moves;  // of whole rows, between it and them

  ValueId scale() const { return norm->inputs[scale_operand()]; }
  ValueId shift() const;  // kNoValue: none
  size_t scale_operand() const {
    return std::holds_alternative<SkipLayerNormalization>(norm->op) ? 2 : 1;
  }
};

/// Those of `graph`, in order.
std::vector<NormBeforeLayers> norms_before_layers(const Graph& graph);

/// The operand `i` of `node`, kNoValue where it has none.
ValueId operand(const Node& node, size_t i);

/// The matrix of such a layer [in, out] (transposed: [out, in]), each row times scale[in].
Tensor scale_rows(const Tensor& weight, bool transposed, const std::vector<double>& scale);

/// Whether the layer has its weight as [out, in].
bool transposes_weight(const Node& layer);

}  // namespace nitro::passes
