#include "passes/lossy/linear_inputs.h"

#include <algorithm>

#include "ir/is_any.h"
#include "passes/lossy/quantizable_layers.h"

namespace nitro::passes {

std::vector<ValueId> linear_inputs(const Graph& graph) {
  std::vector<ValueId> values;
  for (const Node& node : graph.nodes()) {
    if (!is_any<MatMul, Gemm, Conv, ProjectedAttention>(node.op)) continue;
    const Tensor* weight = graph.constant(node.inputs[1]);
    const ValueId x = node.inputs[0];
    const bool floats = weight != nullptr && is_float(weight->dtype());
    if (floats && graph.constant(x) == nullptr && std::ranges::find(values, x) == values.end())
      values.push_back(x);
  }
  return values;
}

std::vector<ValueId> convolution_outputs(const Graph& graph) {
  std::vector<ValueId> values;
  for (const QuantizableLayer& layer : quantizable_layers(graph)) {
    if (layer.is_convolution()) values.push_back(layer.output);
  }
  return values;
}

}  // namespace nitro::passes
