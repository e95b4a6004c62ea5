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
        SensitivityPoint at{{step.name, parameter.name, value}, alone};
        at.point[step.parameter_name(parameter)] = value;
        points.push_back(std::move(at));
      }
    }
  }
  return points;
}

std::vector<Point> joined_points(const Space& space, const std::vector<Trial>& trials,
                                 const Limits& limits) {
  std::map<std::string, const Trial*> best;  // by step; "" is the start
  for (const Trial& trial : trials) {
    if (!trial.varied || !trial.complete() || !keeps(limits, trial)) continue;
    const Trial*& known = best[trial.varied->step];
    if (!known || trial.latency->value < known->latency->value) known = &trial;
  }
  const auto start = best.find("");
  std::vector<const SpaceStep*> helpful;
  for (const SpaceStep& step : space.steps) {
    const auto found = best.find(step.name);
    if (found == best.end()) continue;
    if (start == best.end() || found->second->latency->value < start->second->latency->value)
      helpful.push_back(&step);
  }
  if (helpful.size() < 2) return {};
  const auto joined = [&](const SpaceStep* without) {
    Point point = start_point(space);
    for (const SpaceStep* step : helpful) {
      if (step == without) continue;
      for (const auto& [name, value] : best.at(step->name)->point) {
        if (name == step->name || name.starts_with(step->name + ".")) point[name] = value;
      }
    }
    return point;
  };
  std::vector<Point> points = {joined(nullptr)};
  for (const SpaceStep* step : helpful) points.push_back(joined(step));
  return points;
}

}  // namespace nitro::search
