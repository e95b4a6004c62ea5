#include "passes/lossy/quantization_range.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "passes/lossy/range_divergence.h"

namespace nitro::passes {
namespace {

constexpr std::array<std::string_view, 4> kMethodNames = {"minmax", "percentile", "mse", "entropy"};
constexpr double kCutShare = 5e-5;  // of the elements, at each end
constexpr int kSteps = 128;         // of the ends of a range, from 0 to what was seen

double centre(const Histogram& histogram, size_t bin) {
  const auto bins = static_cast<double>(histogram.counts.size());
  return histogram.range * ((2 * static_cast<double>(bin) + 1) / bins - 1);
}

Range percentile_range(const ValueRecord& record) {
  const Histogram& histogram = record.histogram;
  int64_t total = 0;
  for (int64_t count : histogram.counts) total += count;
  const double cut = kCutShare * static_cast<double>(total);
  Range range = range_of(record);
  double below = 0, above = 0;
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    below += static_cast<double>(histogram.counts[i]);
    if (below <= cut) continue;
    range.low = std::max(range.low, std::min(0.0, centre(histogram, i)));
    break;
  }
  for (size_t i = histogram.counts.size(); i-- > 0;) {
    above += static_cast<double>(histogram.counts[i]);
    if (above <= cut) continue;
    range.high = std::min(range.high, std::max(0.0, centre(histogram, i)));
    break;
  }
  return range;
}

/// Sums of count * x^power over the bins up to each one.
using Cumulated = std::array<std::vector<double>, 3>;

Cumulated cumulate(const Histogram& histogram) {
  Cumulated sums;
  for (size_t power = 0; power < sums.size(); ++power) {
    double sum = 0;
    sums[power].push_back(0);
    for (size_t i = 0; i < histogram.counts.size(); ++i) {
      sum += static_cast<double>(histogram.counts[i]) *
             std::pow(centre(histogram, i), static_cast<double>(power));
      sums[power].push_back(sum);
    }
  }
  return sums;
}

/// The squared error of what lies in the bins from `first` to before `last` and becomes `end`.
double clipping_error(const Cumulated& sums, size_t first, size_t last, double end) {
  const auto sum = [&](size_t power) { return sums[power][last] - sums[power][first]; };
  return sum(2) - 2 * end * sum(1) + end * end * sum(0);
}

Range mse_range(const ValueRecord& record) {
  const Histogram& histogram = record.histogram;
  const size_t bins = histogram.counts.size();
  const Cumulated sums = cumulate(histogram);
  const auto bin_of = [&](double x) {
    const double half = static_cast<double>(bins) / 2;
    return static_cast<size_t>(
        std::clamp(std::round(half * (x / histogram.range + 1)), 0.0, 2 * half));
  };
  const Range seen = range_of(record);
  Range best = seen;
  double least = INFINITY;
  for (int i = 0; i <= kSteps; ++i) {
    for (int j = 0; j <= kSteps; ++j) {
      const Range range{seen.low * i / kSteps, seen.high * j / kSteps};
      const size_t first = bin_of(range.low), last = bin_of(range.high);
      const double step = (range.high - range.low) / 255;
      const double inside = sums[0][last] - sums[0][first];
      const double error = clipping_error(sums, 0, first, range.low) +
                           clipping_error(sums, last, bins, range.high) + inside * step * step / 12;
      if (error >= least) continue;
      least = error;
      best = range;
    }
  }
  return best;
}

/// One end after the other: an outlier at one should not cut the other.
Range entropy_range(const ValueRecord& record) {
  const Range seen = range_of(record);
  Range best = seen;
  double least = INFINITY;
  for (double Range::*end : {&Range::high, &Range::low}) {
    for (int i = kSteps; i > 0; --i) {
      Range range = best;
      range.*end = seen.*end * i / kSteps;
      const double divergence = range_divergence(record.histogram, range);
      if (divergence >= least) continue;
      least = divergence;
      best = range;
    }
  }
  return best;
}

Range choose_range(const ValueRecord& record, RangeMethod method) {
  switch (method) {
    case RangeMethod::kPercentile:
      return percentile_range(record);
    case RangeMethod::kMse:
      return mse_range(record);
    case RangeMethod::kEntropy:
      return entropy_range(record);
    case RangeMethod::kMinMax:
      break;
  }
  return range_of(record);
}

}  // namespace

Result<RangeMethod> parse_range_method(std::string_view word) {
  const auto found = std::ranges::find(kMethodNames, word);
  if (found != kMethodNames.end()) return static_cast<RangeMethod>(found - kMethodNames.begin());
  return fail(ErrorCode::kBadRecipe, "'{}' is not minmax, percentile, mse or entropy",
              display(word, 40));
}

Range range_of(const ValueRecord& record) {
  return {std::min(record.min, 0.0), std::max(record.max, 0.0)};
}

ActivationScale choose_scale(const ValueRecord& record, RangeMethod method) {
  Range range = range_of(record);
  if (range.low == range.high) return {};
  if (record.histogram.range > 0) range = choose_range(record, method);
  if (range.low == range.high) range = range_of(record);
  const auto scale = static_cast<double>(static_cast<float>((range.high - range.low) / 255));
  if (scale == 0) return {};
  return {scale, static_cast<int64_t>(std::clamp(std::round(-range.low / scale), 0.0, 255.0))};
}

}  // namespace nitro::passes
