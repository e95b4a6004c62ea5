#include "measure/bootstrap.h"

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "measure/median.h"

namespace nitro::measure {
namespace {

constexpr int64_t kDraws = 100'000'000;

/// `draw` is the sum of a resample of `count` values whose mean is `mean`.
template <class Draw>
BootstrapMean resampled(double mean, int64_t count, Draw draw) {
  const int64_t resamples = std::clamp<int64_t>(kDraws / count, 1'000, 10'000);
  std::vector<double> means(static_cast<size_t>(resamples));
  for (double& result : means) result = draw() / static_cast<double>(count);
  std::ranges::sort(means);
  const auto tail = static_cast<size_t>(0.025 * static_cast<double>(resamples));
  return {mean, means[tail], means[means.size() - 1 - tail]};
}

}  // namespace

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

BootstrapMean bootstrap_mean(std::span<const double> values, uint64_t seed) {
  const auto count = static_cast<int64_t>(values.size());
  Random random(seed);
  double sum = 0;
  for (double value : values) sum += value;
  return resampled(sum / static_cast<double>(count), count, [&] {
    double drawn = 0;
    for (int64_t i = 0; i < count; ++i) drawn += values[static_cast<size_t>(random.below(count))];
    return drawn;
  });
}

BootstrapMean bootstrap_difference(int64_t count, int64_t ups, int64_t downs, uint64_t seed) {
  Random random(seed);
  const double mean = static_cast<double>(ups - downs) / static_cast<double>(count);
  return resampled(mean, count, [&] {
    int64_t drawn = 0;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t index = random.below(count);
      drawn += (index < ups ? 1 : 0) - (index >= count - downs ? 1 : 0);
    }
    return static_cast<double>(drawn);
  });
}

}  // namespace nitro::measure
