#include "passes/lossy/chosen_layers.h"

#include <algorithm>

#include "base/text.h"

namespace nitro::passes {
namespace {

/// Where it began to pay on onnxruntime's processor backend with AVX512-VNNI
/// (bench/results/int8.txt).
constexpr int64_t kMinMacs = 40;

bool is_of(const Origin& origin, std::string_view name) {
  const bool inside = origin.module.starts_with(name) && origin.module.size() > name.size() &&
                      origin.module[name.size()] == '.';
  return origin.node == name || origin.module == name || inside;
}

/// The names in `text`; kBadRecipe where no origin of `graph` has one.
Result<std::vector<std::string_view>> read_names(const Graph& graph, std::string_view text) {
  std::vector<std::string_view> names = split(text, ',');
  for (std::string_view name : names) {
    if (std::ranges::any_of(graph.origins(), [&](const Origin& each) { return is_of(each, name); }))
      continue;
    std::vector<std::string> modules;
    for (const Origin& origin : graph.origins()) modules.push_back(origin.module);
    const std::string near = closest(name, modules);
    return fail_with_hint(
        ErrorCode::kBadRecipe,
        fmt::format("there is no node or module '{}' to skip", display(name, 80)),
        near.empty() ? "nitro inspect shows them" : fmt::format("did you mean '{}'?", near));
  }
  return names;
}

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
  std::vector<std::string_view> names;
  if (const auto skip = parameters.find("skip"); skip != parameters.end())
    names = TRY(read_names(graph, skip->second));
  std::vector<QuantizableLayer> layers = quantizable_layers(graph);
  const auto skipped = [&](const QuantizableLayer& layer) {
    return std::ranges::any_of(layer.node().origins, [&](OriginId id) {
      return std::ranges::any_of(names,
                                 [&](auto name) { return is_of(graph.origins()[id], name); });
    });
  };
  std::erase_if(layers, [&](const QuantizableLayer& layer) {
    return skipped(layer) || macs_an_element(graph, layer) < least;
  });
  return layers;
}

}  // namespace nitro::passes
