#pragma once

#include "predict/layer.h"

namespace nitro::predict {

/// The kind of kernel that executes `node` by itself.
Family family_of(const Graph& graph, const Node& node);

/// Whether it is a constant, or one that is dequantised, which is done once.
bool is_weight(const Graph& graph, ValueId value);

/// The kind of a dense product of these sizes with constant weights.
Family family_of(const ProductSizes& sizes);

/// The sizes of a convolution, a MatMul, a Gemm or an Attention; all 1 for other ops.
ProductSizes product_sizes(const Graph& graph, const Node& node);

}  // namespace nitro::predict
