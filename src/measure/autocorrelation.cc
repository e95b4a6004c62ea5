#include "measure/autocorrelation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nitro::measure {

double lag1_autocorrelation(std::span<const double> values) {
  if (values.size() < 3) return 0;
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double variance = 0;
  double covariance = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    variance += (values[i] - mean) * (values[i] - mean);
    if (i > 0) covariance += (values[i] - mean) * (values[i - 1] - mean);
  }
  return variance > 0 ? covariance / variance : 0;
}

bool is_autocorrelated(std::span<const double> values) {
  if (values.size() < 10) return false;
  const double chance = 3 / std::sqrt(static_cast<double>(values.size()));
  return lag1_autocorrelation(values) > std::max(0.3, chance);
}

}  // namespace nitro::measure
