#include "measure/bimodality.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "measure/median.h"

namespace nitro::measure {
namespace {

constexpr int64_t kSmallestCount = 20;
constexpr double kSmallestShare = 0.1;
constexpr double kSmallestGap = 0.02;

/// The cut of sorted values into two groups that leaves the largest variance between them (Otsu).
size_t best_cut(std::span<const double> sorted) {
  double total = 0;
  for (double value : sorted) total += value;
  const auto count = static_cast<double>(sorted.size());
  double left = 0;
  double best = -1;
  size_t cut = 1;
  for (size_t i = 1; i < sorted.size(); ++i) {
    left += sorted[i - 1];
    const auto left_count = static_cast<double>(i);
    const double difference = left / left_count - (total - left) / (count - left_count);
    const double between = left_count * (count - left_count) * difference * difference;
    if (between > best) {
      best = between;
      cut = i;
    }
  }
  return cut;
}

double count_within(std::span<const double> sorted, double center, double radius) {
  const auto low = std::ranges::lower_bound(sorted, center - radius);
  const auto high = std::ranges::upper_bound(sorted, center + radius);
  return static_cast<double>(high - low);
}

}  // namespace

std::optional<Modes> find_modes(std::span<const double> ns) {
  const auto count = static_cast<int64_t>(ns.size());
  if (count < kSmallestCount) return std::nullopt;
  std::vector<double> sorted(ns.begin(), ns.end());
  std::ranges::sort(sorted);
  // Without the outermost 5 %, so that a few outliers are not taken for a mode.
  const auto edge = static_cast<size_t>(count / 20);
  const std::span<const double> inner = std::span(sorted).subspan(edge, sorted.size() - 2 * edge);
  const size_t cut = best_cut(inner);
  const Modes modes{median(inner.first(cut)), median(inner.subspan(cut)),
                    static_cast<double>(sorted.size() - edge - cut) / static_cast<double>(count)};
  const double gap = modes.slow_ns - modes.fast_ns;
  if (std::min(modes.slow_share, 1 - modes.slow_share) < kSmallestShare) return std::nullopt;
  if (gap < kSmallestGap * modes.fast_ns) return std::nullopt;
  const double radius = 0.15 * gap;
  const double valley = count_within(inner, (modes.fast_ns + modes.slow_ns) / 2, radius);
  const double peak = std::min(count_within(inner, modes.fast_ns, radius),
                               count_within(inner, modes.slow_ns, radius));
  // Two standard deviations of a count, so that few samples do not make a valley by chance.
  if (valley + 2 * std::sqrt(valley + 1) > 0.5 * peak) return std::nullopt;
  return modes;
}

}  // namespace nitro::measure
