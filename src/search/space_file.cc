#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "optimize/recipe_steps.h"
#include "search/space.h"

namespace nitro::search {
namespace {

constexpr int64_t kMostValues = 1000;
constexpr int64_t kMostFree = 4;

using optimize::bad_recipe;

Result<std::vector<std::string>> read_choices(const std::string& key, const toml::array& list) {
  std::vector<std::string> choices;
  for (const toml::node& item : list) {
    const auto text = item.value_exact<std::string>();
    if (!text)
      return bad_recipe(item, fmt::format("each choice of '{}' must be text", display(key)));
    if (std::ranges::count(choices, *text) > 0)
      return bad_recipe(
          item, fmt::format("'{}' has the choice '{}' twice", display(key), display(*text)));
    choices.push_back(*text);
  }
  if (choices.empty()) return bad_recipe(list, fmt::format("'{}' has no choices", display(key)));
  return choices;
}

Result<Dimension> read_range(const std::string& key, const toml::table& table) {
  Dimension range{key};
  range.whole = true;
  std::vector<double*> wanted = {&range.low, &range.high, &range.step};
  for (const auto& [name, value] : table) {
    const size_t place = name == "low" ? 0 : name == "high" ? 1 : name == "step" ? 2 : 3;
    const auto number = value.value<double>();
    if (place == 3 || !value.is_number() || !number || !(std::abs(*number) < 1e12)) {
      return bad_recipe(value,
                        fmt::format("'{}' must be {{low, high, step}}, numbers", display(key)));
    }
    *wanted[place] = *number;
    wanted[place] = nullptr;
    range.whole = range.whole && value.is_integer();
  }
  if (wanted != std::vector<double*>(3))
    return bad_recipe(table, fmt::format("'{}' must have low, high and step", display(key)));
  if (range.high < range.low || !(range.step > 0) || range.size() > kMostValues) {
    return bad_recipe(table, fmt::format("'{}' must have 1 to {} values from low up to high",
                                         display(key), kMostValues));
  }
  return range;
}

Result<Dimension> read_range_or_choices(const std::string& key, const toml::node& value) {
  if (const toml::array* list = value.as_array())
    return Dimension{key, TRY(read_choices(key, *list))};
  if (const toml::table* table = value.as_table()) return read_range(key, *table);
  return bad_recipe(value, fmt::format("'{}' must be text, a list of texts, or {{low, high, step}}",
                                       display(key)));
}

/// A table with a range or choices for each of some modules.
bool is_by_module(const toml::node& value) {
  const toml::table* table = value.as_table();
  return table && !table->empty() && std::ranges::all_of(*table, [](const auto& entry) {
           return entry.second.is_table() || entry.second.is_array();
         });
}

Result<void> read_parameter(SpaceStep& step, const std::string& key, const toml::node& value) {
  if (const auto text = value.value_exact<std::string>()) {
    step.step.parameters[key] = *text;
    return {};
  }
  if (!is_by_module(value)) {
    step.parameters.push_back(TRY(read_range_or_choices(key, value)));
    return {};
  }
  for (const auto& [module, values] : *value.as_table()) {
    Dimension dimension = TRY(read_range_or_choices(key, values));
    dimension.module = module.str();
    step.parameters.push_back(std::move(dimension));
  }
  return {};
}

Result<void> check_pass(const SpaceStep& step, const toml::table& table) {
  const auto pass = passes::find_pass(step.step.pass);
  if (!pass) return bad_recipe(table, pass.error().message, pass.error().hint);
  const auto allowed = split((*pass)->parameters, ' ');
  const auto check = [&](const std::string& key) -> Result<void> {
    if (std::ranges::find(allowed, key) != allowed.end()) return {};
    return bad_recipe(table, fmt::format("{} has no parameter '{}'", step.step.pass, display(key)));
  };
  for (const auto& [key, value] : step.step.parameters) TRY(check(key));
  for (const Dimension& parameter : step.parameters) TRY(check(parameter.name));
  return {};
}

Result<SpaceStep> read_step(const toml::node& node) {
  const toml::table* table = node.as_table();
  if (!table) return bad_recipe(node, "a step must be a table");
  SpaceStep step;
  for (const auto& [key, value] : *table) {
    const std::string name(key.str());
    if (name == "pass" || name == "recipe") {
      const auto text = value.value_exact<std::string>();
      if (!text || !step.name.empty() || (name == "recipe" && *text != "standard")) {
        return bad_recipe(value, "a step has a pass, or recipe = \"standard\"");
      }
      step.name = *text;
      step.standard = name == "recipe";
    } else if (name == "optional") {
      if (!value.is_boolean()) return bad_recipe(value, "'optional' must be true or false");
      step.optional = value.value_or(true);
    } else if (name == "order") {
      const auto text = value.value_exact<std::string>();
      if (text != "free" && text != "fixed")
        return bad_recipe(value, "'order' must be free or fixed");
      step.free_order = text == "free";
    } else {
      TRY(read_parameter(step, name, value));
    }
  }
  if (step.name.empty()) return bad_recipe(node, "a step has a pass, or recipe = \"standard\"");
  if (!step.standard) {
    step.step.pass = step.name;
    TRY(check_pass(step, *table));
  } else if (!step.parameters.empty() || !step.step.parameters.empty()) {
    return bad_recipe(node, "the standard recipe has no parameters");
  }
  return step;
}

/// A number for the second use of a pass and each after it.
void make_unique(SpaceStep& step, const Space& space) {
  const auto uses = std::ranges::count_if(space.steps, [&](const SpaceStep& other) {
    return other.standard == step.standard && other.step.pass == step.step.pass;
  });
  if (uses > 0) step.name += fmt::format("-{}", uses + 1);
}

}  // namespace

Result<Space> space_from_toml(std::string_view text) {
  Space space;
  TRY(optimize::read_steps(text, [&](const toml::node& node) -> Result<void> {
    SpaceStep step = TRY(read_step(node));
    make_unique(step, space);
    space.steps.push_back(std::move(step));
    return {};
  }));
  if (std::ranges::count_if(space.steps, &SpaceStep::free_order) > kMostFree)
    return fail(ErrorCode::kBadRecipe, "more than {} steps have a free order", kMostFree);
  if (space.dimensions().empty())
    return fail_with_hint(ErrorCode::kBadRecipe, "the space has nothing to choose",
                          "a step is optional, or has a parameter with choices or a range");
  return space;
}

}  // namespace nitro::search
