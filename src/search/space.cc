#include "search/space.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "search_embedded.h"

namespace nitro::search {
namespace {

constexpr std::string_view kOrder = "order";

/// Which of the steps with a free order comes 1st, 2nd ...: all permutations, the file's first.
std::vector<std::vector<size_t>> permutations(size_t count) {
  std::vector<size_t> order(count);
  for (size_t i = 0; i < count; ++i) order[i] = i;
  std::vector<std::vector<size_t>> all;
  do {
    all.push_back(order);
  } while (std::ranges::next_permutation(order).found);
  return all;
}

std::vector<size_t> free_steps(const Space& space) {
  std::vector<size_t> places;
  for (size_t i = 0; i < space.steps.size(); ++i)
    if (space.steps[i].free_order) places.push_back(i);
  return places;
}

std::string order_text(const Space& space, const std::vector<size_t>& free,
                       const std::vector<size_t>& order) {
  std::vector<std::string> names;
  for (size_t i : order) names.push_back(space.steps[free[i]].name);
  return fmt::format("{}", fmt::join(names, " "));
}

/// The places of the steps in the order of `point`; kBadRecipe where it is none.
Result<std::vector<size_t>> order_of(const Space& space, const Point& point) {
  std::vector<size_t> places(space.steps.size());
  for (size_t i = 0; i < places.size(); ++i) places[i] = i;
  const std::vector<size_t> free = free_steps(space);
  const auto chosen = point.find(std::string(kOrder));
  if (free.size() < 2 || chosen == point.end()) return places;
  for (const auto& order : permutations(free.size())) {
    if (order_text(space, free, order) != chosen->second) continue;
    for (size_t i = 0; i < free.size(); ++i) places[free[i]] = free[order[i]];
    return places;
  }
  return fail(ErrorCode::kBadRecipe, "the steps have no order '{}'", display(chosen->second, 80));
}

bool is_on(const SpaceStep& step, const Point& point) {
  const auto chosen = point.find(step.name);
  return !step.optional || (chosen != point.end() && chosen->second == kOn);
}

bool has_value(const Dimension& dimension, const std::string& text) {
  if (!dimension.choices.empty())
    return std::ranges::find(dimension.choices, text) != dimension.choices.end();
  for (int64_t i = 0; i < dimension.size(); ++i)
    if (dimension.value(i) == text) return true;
  return false;
}

}  // namespace

int64_t Dimension::size() const {
  if (!choices.empty()) return std::ssize(choices);
  return static_cast<int64_t>(std::floor((high - low) / step + 1e-9)) + 1;
}

std::string Dimension::value(int64_t index) const {
  if (!choices.empty()) return choices[static_cast<size_t>(index)];
  return fmt::format("{:.6g}", low + static_cast<double>(index) * step);
}

std::vector<Dimension> Space::dimensions() const {
  std::vector<Dimension> list;
  for (const SpaceStep& step : steps) {
    if (step.optional) list.push_back({step.name, {std::string(kOff), std::string(kOn)}});
    for (Dimension parameter : step.parameters) {
      parameter.name = step.parameter_name(parameter);
      if (step.optional) parameter.when = step.name;
      list.push_back(std::move(parameter));
    }
  }
  const std::vector<size_t> free = free_steps(*this);
  if (free.size() < 2) return list;
  Dimension order{std::string(kOrder)};
  for (const auto& each : permutations(free.size()))
    order.choices.push_back(order_text(*this, free, each));
  list.push_back(std::move(order));
  return list;
}

Json Space::fixed() const {
  Json list = Json::array();
  for (const SpaceStep& step : steps) {
    Json parameters = Json::object();
    for (const auto& [key, value] : step.step.parameters) parameters[key] = value;
    list.push_back(Json::object({{"name", step.name}, {"parameters", std::move(parameters)}}));
  }
  return list;
}

std::string_view default_space() { return embedded::default_space_toml; }

Result<optimize::Recipe> recipe_of(const Space& space, const Point& point,
                                   const optimize::Recipe& standard) {
  optimize::Recipe recipe;
  for (size_t place : TRY(order_of(space, point))) {
    const SpaceStep& step = space.steps[place];
    if (!is_on(step, point)) continue;
    if (step.standard) {
      recipe.steps.insert(recipe.steps.end(), standard.steps.begin(), standard.steps.end());
      continue;
    }
    optimize::Step made = step.step;
    for (const Dimension& parameter : step.parameters) {
      const auto chosen = point.find(step.parameter_name(parameter));
      if (chosen == point.end() || !has_value(parameter, chosen->second)) {
        return fail(ErrorCode::kBadRecipe, "the space has no such value of '{}'",
                    step.parameter_name(parameter));
      }
      std::string& text = made.parameters[parameter.name];
      if (!text.empty()) text += ",";
      text += (parameter.module.empty() ? "" : parameter.module + "=") + chosen->second;
    }
    recipe.steps.push_back(std::move(made));
    for (std::string_view pass : passes::kCleanUps) recipe.steps.push_back({std::string(pass)});
  }
  return recipe;
}

std::string description(const Space& space, const Point& point) {
  std::vector<std::string> parts;
  const auto order = order_of(space, point);
  if (!order) return "";
  for (size_t place : *order) {
    const SpaceStep& step = space.steps[place];
    if (!is_on(step, point)) continue;
    std::string part = step.name;
    for (const Dimension& parameter : step.parameters) {
      const auto chosen = point.find(step.parameter_name(parameter));
      const std::string_view key = parameter.module.empty() ? parameter.name : parameter.module;
      if (chosen != point.end()) part += fmt::format(" {}={}", key, chosen->second);
    }
    parts.push_back(std::move(part));
  }
  return parts.empty() ? "nothing" : fmt::format("{}", fmt::join(parts, ", "));
}

Json to_json(const Dimension& dimension) {
  Json json = Json::object({{"name", dimension.name}});
  if (!dimension.choices.empty()) {
    json["choices"] = Json::array_of(dimension.choices);
  } else {
    for (const auto& [key, value] :
         {std::pair{"low", dimension.low}, std::pair{"high", dimension.high},
          std::pair{"step", dimension.step}}) {
      json[key] = dimension.whole ? Json(static_cast<int64_t>(value)) : Json(value);
    }
  }
  if (!dimension.when.empty()) json["when"] = dimension.when;
  return json;
}

Json to_json(const Point& point, const std::vector<Dimension>& dimensions) {
  Json json = Json::object();
  for (const Dimension& dimension : dimensions) {
    const auto chosen = point.find(dimension.name);
    if (chosen == point.end()) continue;
    double number = 0;
    if (!dimension.choices.empty() || !parse_number(chosen->second, number)) {
      json[dimension.name] = chosen->second;
    } else {
      json[dimension.name] = dimension.whole ? Json(static_cast<int64_t>(number)) : Json(number);
    }
  }
  return json;
}

Result<Point> point_from_json(const Json& json, const std::vector<Dimension>& dimensions) {
  Point point;
  for (const Dimension& dimension : dimensions) {
    if (!json.contains(dimension.name)) continue;
    const Json& given = json.at(dimension.name);
    const std::string text =
        given.is_string() ? given.as_string() : fmt::format("{:.6g}", given.as_number());
    if (!has_value(dimension, text)) {
      return fail(ErrorCode::kRunnerFailed, "the sampler gave {} for '{}', which has no such value",
                  display(given.dump(), 40), dimension.name);
    }
    point[dimension.name] = text;
  }
  return point;
}

}  // namespace nitro::search
