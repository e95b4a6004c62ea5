#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "optimize/layer_changes.h"
#include "passes/pass.h"

namespace nitro::optimize {

/// One use of a pass.
struct Step {
  std::string pass;
  passes::Parameters parameters = {};
  bool operator==(const Step&) const = default;
};

/// An ordered list of passes. As TOML:
///     version = 1
///     [[step]]
///     pass = "batch-modalities"
///     modalities = "rgb,depth"
struct Recipe {
  std::vector<Step> steps;
  bool operator==(const Recipe&) const = default;
};

std::string to_toml(const Recipe& recipe);
/// Fails with kBadRecipe naming the line: malformed TOML, unknown pass, unknown or non-text
/// parameter.
Result<Recipe> recipe_from_toml(std::string_view text);

/// Whether a step is of a pass that changes the function of a graph.
bool is_lossy(const Recipe& recipe);

/// What one step did.
struct StepResult {
  bool changed = false;
  int64_t nodes_before = 0;
  int64_t nodes_after = 0;
  int64_t nodes_touched = 0;             // removed or made, whichever are more
  std::vector<LayerChange> layers = {};  // of a lossy pass
};

/// Runs the steps in order on `graph`.
Result<std::vector<StepResult>> apply(const Recipe& recipe, Graph& graph);

}  // namespace nitro::optimize
