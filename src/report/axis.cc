#include "report/axis.h"

#include <algorithm>
#include <cmath>

namespace nitro::report {

double Axis::position(double value) const {
  if (!(high > low)) return 50;
  return std::clamp(100 * (value - low) / (high - low), 0.0, 100.0);
}

std::vector<double> Axis::ticks(int count) const {
  if (!(high > low)) return {low};
  const double rough = (high - low) / count;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= rough) step = factor * power;
  }
  std::vector<double> result;
  for (double i = std::ceil(low / step); i * step <= high; ++i) result.push_back(i * step);
  return result;
}

Axis axis_of(std::vector<double> values) {
  std::ranges::sort(values);
  const double first = values[values.size() / 4];
  const double third = values[values.size() * 3 / 4];
  const double reach = 4 * (third - first);
  const double low = std::max(values.front(), first - reach);
  const double high = std::min(values.back(), third + reach);
  const double margin = std::max(0.04 * (high - low), 0.001 * std::abs(high));
  return {low - margin, high + margin};
}

}  // namespace nitro::report
