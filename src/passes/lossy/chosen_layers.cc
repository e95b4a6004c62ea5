#include "passes/lossy/chosen_layers.h"

#include <algorithm>

#include "base/text.h"

namespace nitro::passes {
namespace {

constexpr int64_t kMinOutputs = 1;

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

/// Elements that the layer makes of one that it reads, each of which is quantised once.
int64_t outputs_of_one(const Graph& graph, const QuantizableLayer& layer) {
  const Shape& shape = graph.type(layer.weight).shape;
  int64_t outputs = shape[static_cast<size_t>(layer.channel_axis)];
  if (const auto* conv = std::get_if<Conv>(&layer.node().op)) outputs /= conv->group;
  return outputs;
}

}  // namespace

Result<std::vector<QuantizableLayer>> chosen_layers(const Graph& graph,
                                                    const Parameters& parameters) {
  int64_t least = kMinOutputs;
  if (const auto given = parameters.find("min_outputs");
      given != parameters.end() && !parse_integer(given->second, least)) {
    return fail(ErrorCode::kBadRecipe, "min_outputs is '{}', not a number",
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
    return skipped(layer) || outputs_of_one(graph, layer) < least;
  });
  return layers;
}

}  // namespace nitro::passes
