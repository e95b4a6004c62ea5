#include "optimize/recipe.h"

#include <toml++/toml.h>

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/text.h"

namespace nitro::optimize {
namespace {

constexpr int64_t kVersion = 1;

std::unexpected<Error> bad(const toml::node& node, std::string problem) {
  return fail(ErrorCode::kBadRecipe, "line {}: {}", node.source().begin.line, problem);
}

Result<Step> read_step(const toml::node& node) {
  const toml::table* table = node.as_table();
  if (!table) return bad(node, "a step must be a table");
  Step step;
  for (const auto& [key, value] : *table) {
    const auto text = value.value<std::string>();
    if (!text) return bad(value, fmt::format("'{}' must be text", display(key.str())));
    if (key.str() == "pass") {
      step.pass = *text;
    } else {
      step.parameters[std::string(key.str())] = *text;
    }
  }
  if (step.pass.empty()) return bad(node, "a step needs a pass");
  auto pass = passes::find_pass(step.pass);
  if (!pass) {
    return fail_with_hint(
        ErrorCode::kBadRecipe,
        fmt::format("line {}: {}", node.source().begin.line, pass.error().message),
        pass.error().hint);
  }
  for (const auto& [key, value] : step.parameters) {
    const auto allowed = split((*pass)->parameters, ' ');
    if (std::ranges::find(allowed, key) == allowed.end()) {
      return bad(node, fmt::format("{} has no parameter '{}'", step.pass, display(key)));
    }
  }
  return step;
}

Result<Recipe> read(const toml::table& root) {
  Recipe recipe;
  for (const auto& [key, value] : root) {
    if (key.str() == "version") {
      if (value.value<int64_t>() != kVersion) return bad(value, "only version 1 is known");
    } else if (key.str() == "step") {
      const toml::array* steps = value.as_array();
      if (!steps) return bad(value, "'step' must be a list of tables");
      for (const toml::node& step : *steps) recipe.steps.push_back(TRY(read_step(step)));
    } else {
      return bad(value, fmt::format("unknown key '{}'", display(key.str())));
    }
  }
  return recipe;
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
  std::string text = fmt::format("version = {}\n", kVersion);
  for (const Step& step : recipe.steps) {
    text += fmt::format("\n[[step]]\npass = {}\n", Json(step.pass).dump());
    for (const auto& [key, value] : step.parameters)
      text += fmt::format("{} = {}\n", key, Json(value).dump());
  }
  return text;
}

Result<Recipe> recipe_from_toml(std::string_view text) {
  try {
    return read(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::kBadRecipe, "line {}: {}", error.source().begin.line,
                display(error.description()));
  }
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
    }
    result.nodes_after = static_cast<int64_t>(graph.nodes().size());
    results.push_back(result);
  }
  return results;
}

}  // namespace nitro::optimize
