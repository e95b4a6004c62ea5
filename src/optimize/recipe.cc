#include "optimize/recipe.h"

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "optimize/recipe_steps.h"

namespace nitro::optimize {
namespace {

Result<Step> read_step(const toml::node& node) {
  const toml::table* table = node.as_table();
  if (!table) return bad_recipe(node, "a step must be a table");
  Step step;
  for (const auto& [key, value] : *table) {
    const auto text = value.value<std::string>();
    if (!text) return bad_recipe(value, fmt::format("'{}' must be text", display(key.str())));
    if (key.str() == "pass") {
      step.pass = *text;
    } else {
      step.parameters[std::string(key.str())] = *text;
    }
  }
  if (step.pass.empty()) return bad_recipe(node, "a step needs a pass");
  auto pass = passes::find_pass(step.pass);
  if (!pass) {
    return bad_recipe(node, pass.error().message, pass.error().hint);
  }
  for (const auto& [key, value] : step.parameters) {
    const auto allowed = split((*pass)->parameters, ' ');
    if (std::ranges::find(allowed, key) == allowed.end()) {
      return bad_recipe(node, fmt::format("{} has no parameter '{}'", step.pass, display(key)));
    }
  }
  return step;
}

/// How often each op stands for the same origins.
using Census = std::map<std::pair<std::string, std::vector<OriginId>>, int64_t>;

Census census(const Graph& graph) {
  Census counts;
  for (const Node& node : graph.nodes()) ++counts[{display_name(node.op), node.origins}];
  return counts;
}

/// Nodes of `graph` that `other` does not have.
int64_t missing_from(Census other, const Graph& graph) {
  int64_t missing = 0;
  for (const auto& [node, count] : census(graph))
    missing += std::max<int64_t>(0, count - other[node]);
  return missing;
}

}  // namespace

std::string to_toml(const Recipe& recipe) {
  std::string text = fmt::format("version = {}\n", kRecipeVersion);
  for (const Step& step : recipe.steps) {
    text += fmt::format("\n[[step]]\npass = {}\n", Json(step.pass).dump());
    for (const auto& [key, value] : step.parameters)
      text += fmt::format("{} = {}\n", key, Json(value).dump());
  }
  return text;
}

Result<Recipe> recipe_from_toml(std::string_view text) {
  Recipe recipe;
  TRY(read_steps(text, [&](const toml::node& step) -> Result<void> {
    recipe.steps.push_back(TRY(read_step(step)));
    return {};
  }));
  return recipe;
}

bool is_lossy(const Recipe& recipe) {
  return std::ranges::any_of(recipe.steps, [](const Step& step) {
    const auto pass = passes::find_pass(step.pass);
    return pass && (*pass)->kind == passes::PassKind::kLossy;
  });
}

Result<std::vector<StepResult>> apply(const Recipe& recipe, Graph& graph) {
  std::vector<StepResult> results;
  for (const Step& step : recipe.steps) {
    const passes::Pass* pass = TRY(passes::find_pass(step.pass));
    StepResult result;
    result.nodes_before = static_cast<int64_t>(graph.nodes().size());
    const Graph before = graph;
    result.changed = TRY(passes::run_pass(*pass, graph, step.parameters));
    if (result.changed) {
      result.nodes_touched =
          std::max(missing_from(census(graph), before), missing_from(census(before), graph));
      if (pass->kind == passes::PassKind::kLossy) result.layers = layer_changes(before, graph);
    }
    result.nodes_after = static_cast<int64_t>(graph.nodes().size());
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace nitro::optimize
