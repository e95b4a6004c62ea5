#include "measure/percentile.h"

#include <algorithm>
#include <cmath>

#include "measure/median.h"

namespace nitro::measure {

std::optional<int64_t> allowed_exceedances(int64_t count, double p, double confidence) {
  const auto n = static_cast<double>(count);
  const double over = 1 - p;
  double at_most = 0;
  int64_t allowed = -1;
  // Logarithms, because pⁿ underflows where n is large; the sum passes the limit before the mean.
  double log_term = n * std::log(p);
  for (int64_t t = 0; t <= count; ++t) {
    at_most += std::exp(log_term);
    if (at_most > 1 - confidence) break;
    allowed = t;
    log_term += std::log(static_cast<double>(count - t) / static_cast<double>(t + 1) * over / p);
  }
  if (allowed < 0) return std::nullopt;
  return allowed;
}

std::optional<double> percentile(std::span<const double> values, double p) {
  const auto count = static_cast<int64_t>(values.size());
  if (count == 0 || !allowed_exceedances(count, p)) return std::nullopt;
  const auto rank = static_cast<int64_t>(std::ceil(p * static_cast<double>(count)));
  return order_statistic(values, std::clamp<int64_t>(rank, 1, count));
}

}  // namespace nitro::measure
