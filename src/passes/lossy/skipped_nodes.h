#pragma once

#include <string_view>
#include <vector>

#include "passes/pass.h"

namespace nitro::passes {

/// The nodes that the parameter `skip` names: by the name of a node, or of a module that they are
/// in.
class SkippedNodes {
 public:
  /// Fails with kBadRecipe on a name that nothing of `graph` has. Keeps `graph` and `parameters`.
  static Result<SkippedNodes> read(const Graph& graph, const Parameters& parameters);

  bool contains(const Node& node) const;

 private:
  explicit SkippedNodes(const Graph& graph) : graph_(&graph) {}

  const Graph* graph_;
  std::vector<std::string_view> names_;
};

}  // namespace nitro::passes
