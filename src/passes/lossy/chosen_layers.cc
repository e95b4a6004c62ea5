#include "passes/lossy/chosen_layers.h"

#include <algorithm>

#include "base/text.h"
#include "passes/lossy/skipped_nodes.h"

namespace nitro::passes {
namespace {

/// Where it began to pay on onnxruntime's processor backend with AVX512-VNNI
/// (bench/results/int8.txt).
constexpr int64_t kMinMacs = 40;

/// Multiply-adds for each element that the layer reads and makes, which are converted.
int64_t macs_an_element(const Graph& graph, const QuantizableLayer& layer) {
  const Shape& weight = graph.type(layer.weight).shape;
  const int64_t read = graph.type(layer.x).elements(), made = graph.type(layer.output).elements();
  const int64_t terms =
      element_count(weight) / weight[static_cast<size_t>(layer.channel_axis)];  // of an output
  return made * terms / std::max<int64_t>(1, read + made);
}

}  // namespace

Result<std::vector<QuantizableLayer>> chosen_layers(const Graph& graph,
                                                    const Parameters& parameters) {
  int64_t least = kMinMacs;
  if (const auto given = parameters.find("min_macs");
      given != parameters.end() && !parse_integer(given->second, least)) {
    return fail(ErrorCode::kBadRecipe, "min_macs is '{}', not a number",
                display(given->second, 40));
  }
  const SkippedNodes skipped = TRY(SkippedNodes::read(graph, parameters));
  std::vector<QuantizableLayer> layers = quantizable_layers(graph);
  std::erase_if(layers, [&](const QuantizableLayer& layer) {
    return skipped.contains(layer.node()) || macs_an_element(graph, layer) < least;
  });
  return layers;
}

}  // namespace nitro::passes
