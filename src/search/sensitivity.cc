#include "search/sensitivity.h"

#include <algorithm>

namespace nitro::search {
namespace {

constexpr int64_t kChoices = 4;
constexpr int64_t kOfRange = 3;

/// A few values of `dimension`, spread evenly, both ends among them.
std::vector<std::string> few_values(const Dimension& dimension) {
  const int64_t size = dimension.size();
  const int64_t count = std::min(size, dimension.choices.empty() ? kOfRange : kChoices);
  std::vector<std::string> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(dimension.value(count == 1 ? 0 : i * (size - 1) / (count - 1)));
  return values;
}

/// "keep", or "keep.layers.0" of a parameter by module.
std::string key_of(const Dimension& parameter) {
  return parameter.name + (parameter.module.empty() ? "" : "." + parameter.module);
}

/// Every parameter of `step` at its first value.
void set_first(Point& point, const SpaceStep& step) {
  for (const Dimension& parameter : step.parameters)
    point[step.parameter_name(parameter)] = parameter.value(0);
}

}  // namespace

Point start_point(const Space& space) {
  Point point;
  for (const SpaceStep& step : space.steps) {
    if (step.optional) {
      point[step.name] = kOff;
    } else {
      set_first(point, step);
    }
  }
  for (const Dimension& dimension : space.dimensions())
    if (dimension.name == "order") point[dimension.name] = dimension.choices[0];
  return point;
}

std::vector<SensitivityPoint> sensitivity_points(const Space& space) {
  const Point start = start_point(space);
  std::vector<SensitivityPoint> points = {{{}, start}};
  for (const SpaceStep& step : space.steps) {
    Point alone = start;
    if (step.optional) alone[step.name] = kOn;
    set_first(alone, step);
    if (step.optional && step.parameters.empty()) points.push_back({{step.name, "", ""}, alone});
    for (const Dimension& parameter : step.parameters) {
      for (const std::string& value : few_values(parameter)) {
        SensitivityPoint at{{step.name, key_of(parameter), value}, alone};
        at.point[step.parameter_name(parameter)] = value;
        points.push_back(std::move(at));
      }
    }
  }
  return points;
}

namespace {

/// What may be joined with others: a step at its best, or what it does in one module.
struct Part {
  const SpaceStep* step;
  const Dimension* of_module;  // or nullptr

  bool has(const Varied& varied) const {
    return varied.step == step->name && (!of_module || varied.parameter == key_of(*of_module));
  }
  void take(Point& point, const Trial& from) const {
    if (step->optional) point[step->name] = kOn;
    for (const Dimension& parameter : step->parameters) {
      const std::string name = step->parameter_name(parameter);
      const auto given = from.point.find(name);
      const bool taken = given != from.point.end() && (!of_module || of_module == &parameter);
      if (taken) point[name] = given->second;
      point.try_emplace(name, parameter.value(0));
    }
  }
};

std::vector<Part> parts_of(const Space& space) {
  std::vector<Part> parts;
  for (const SpaceStep& step : space.steps) {
    const bool by_module = std::ranges::any_of(
        step.parameters, [](const Dimension& each) { return !each.module.empty(); });
    if (!by_module) parts.push_back({&step, nullptr});
    for (const Dimension& parameter : step.parameters)
      if (by_module && !parameter.module.empty()) parts.push_back({&step, &parameter});
  }
  return parts;
}

/// The fastest trial within the limits of those that `wanted` likes; or nullptr.
template <class Wanted>
const Trial* fastest_varied(const std::vector<Trial>& trials, const Limits& limits, Wanted wanted) {
  const Trial* best = nullptr;
  for (const Trial& trial : trials) {
    if (!trial.varied || !wanted(*trial.varied) || !trial.complete() || !keeps(limits, trial))
      continue;
    if (!best || trial.latency->value < best->latency->value) best = &trial;
  }
  return best;
}

}  // namespace

std::vector<Point> joined_points(const Space& space, const std::vector<Trial>& trials,
                                 const Limits& limits) {
  const Trial* start =
      fastest_varied(trials, limits, [](const Varied& varied) { return varied.step.empty(); });
  std::vector<std::pair<Part, const Trial*>> helpful;
  for (const Part& part : parts_of(space)) {
    const Trial* best =
        fastest_varied(trials, limits, [&](const Varied& varied) { return part.has(varied); });
    if (best && (!start || best->latency->value < start->latency->value))
      helpful.emplace_back(part, best);
  }
  if (helpful.size() < 2) return {};
  const auto joined = [&](size_t without) {
    Point point = start_point(space);
    for (size_t i = 0; i < helpful.size(); ++i)
      if (i != without) helpful[i].first.take(point, *helpful[i].second);
    return point;
  };
  std::vector<Point> points = {joined(helpful.size())};
  for (size_t i = 0; i < helpful.size(); ++i) points.push_back(joined(i));
  return points;
}

}  // namespace nitro::search
