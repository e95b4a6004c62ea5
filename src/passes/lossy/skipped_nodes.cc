#include "passes/lossy/skipped_nodes.h"

#include <algorithm>

#include "base/text.h"
#include "passes/lossy/strengths.h"

namespace nitro::passes {
namespace {

bool is_of(const Origin& origin, std::string_view name) {
  return !name.empty() && (origin.node == name || is_in_module(origin.module, name));
}

}  // namespace

Result<SkippedNodes> SkippedNodes::read(const Graph& graph, const Parameters& parameters) {
  SkippedNodes skipped(graph);
  const auto given = parameters.find("skip");
  if (given == parameters.end()) return skipped;
  skipped.names_ = split(given->second, ',');
  for (std::string_view name : skipped.names_) {
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
  return skipped;
}

bool SkippedNodes::contains(const Node& node) const {
  return std::ranges::any_of(node.origins, [&](OriginId id) {
    return std::ranges::any_of(
        names_, [&](std::string_view name) { return is_of(graph_->origins()[id], name); });
  });
}

}  // namespace nitro::passes
