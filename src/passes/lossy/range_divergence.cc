#include "passes/lossy/range_divergence.h"

#include <algorithm>
#include <cmath>

namespace nitro::passes {
namespace {

constexpr size_t kLevels = 256;
constexpr double kLeast = 1e-9;  // share of a bin that the levels lost

/// Every bin that is filled gets the mean of the filled bins of its level.
std::vector<double> through_levels(const std::vector<double>& counts) {
  std::vector<double> result(counts.size(), 0);
  for (size_t level = 0; level < kLevels; ++level) {
    const size_t first = counts.size() * level / kLevels;
    const size_t last = counts.size() * (level + 1) / kLevels;
    double sum = 0;
    int filled = 0;
    for (size_t i = first; i < last; ++i) {
      sum += counts[i];
      filled += counts[i] > 0 ? 1 : 0;
    }
    for (size_t i = first; i < last; ++i) {
      if (counts[i] > 0) result[i] = sum / filled;
    }
  }
  return result;
}

}  // namespace

double range_divergence(const Histogram& histogram, const Range& range) {
  const size_t bins = histogram.counts.size();
  const auto bin_of = [&](double x) {
    const double half = static_cast<double>(bins) / 2;
    return static_cast<size_t>(std::clamp(half * (x / histogram.range + 1), 0.0, 2 * half));
  };
  const size_t first = bin_of(range.low);
  const size_t last = std::min(bins, bin_of(range.high) + 1);
  if (last < first + kLevels) return INFINITY;
  std::vector<double> inside(histogram.counts.begin() + static_cast<std::ptrdiff_t>(first),
                             histogram.counts.begin() + static_cast<std::ptrdiff_t>(last));
  const std::vector<double> kept = through_levels(inside);
  double kept_sum = 0, total = 0;
  for (double count : kept) kept_sum += count;
  for (size_t i = 0; i < bins; ++i) {
    const auto count = static_cast<double>(histogram.counts[i]);
    total += count;
    if (i < first) inside.front() += count;
    if (i >= last) inside.back() += count;
  }
  if (kept_sum == 0) return INFINITY;
  double divergence = 0;
  for (size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == 0) continue;
    const double share = inside[i] / total;
    divergence += share * std::log(share / std::max(kept[i] / kept_sum, kLeast));
  }
  return divergence;
}

}  // namespace nitro::passes
