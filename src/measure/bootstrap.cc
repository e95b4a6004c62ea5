#include "measure/bootstrap.h"

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "measure/median.h"

namespace nitro::measure {

BootstrapInterval bootstrap_median(std::span<const double> values, uint64_t seed, int resamples) {
  const auto size = static_cast<int64_t>(values.size());
  Random random(seed);
  std::vector<double> draw(values.size());
  std::vector<double> medians(static_cast<size_t>(resamples));
  const auto middle = draw.begin() + size / 2;
  for (double& result : medians) {
    for (double& value : draw) value = values[static_cast<size_t>(random.below(size))];
    std::nth_element(draw.begin(), middle, draw.end());
    result = size % 2 == 1 ? *middle : (*middle + *std::max_element(draw.begin(), middle)) / 2;
  }
  std::ranges::sort(medians);
  const auto tail = static_cast<size_t>(0.025 * resamples);
  return {median(values), medians[tail], medians[medians.size() - 1 - tail]};
}

}  // namespace nitro::measure
