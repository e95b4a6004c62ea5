#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace nitro::measure {

/// The middle value, or the mean of the two middle ones. `values` must not be empty.
double median(std::span<const double> values);

/// 1.4826 · median |x − median|: the standard deviation where the noise is normal, and unmoved by
/// outliers. `values` must not be empty.
double median_absolute_deviation(std::span<const double> values);

/// x(⌈3n/4⌉) − x(⌈n/4⌉). `values` must not be empty.
double interquartile_range(std::span<const double> values);

/// The `rank`-th smallest value, counted from 1. 1 <= rank <= values.size().
double order_statistic(std::span<const double> values, int64_t rank);

/// Ranks, counted from 1, of the two order statistics that enclose the median.
struct MedianRanks {
  int64_t low = 0;
  int64_t high = 0;
};

/// The tightest symmetric ranks that hold the true median with probability 1 − alpha, whatever the
/// distribution of independent samples. Nothing where `count` is too small (below 6 at 5 %).
std::optional<MedianRanks> median_ranks(int64_t count, double alpha = 0.05);

/// The probability that the interval between `ranks` of `count` samples holds the median.
double median_coverage(int64_t count, MedianRanks ranks);

struct MedianInterval {
  double median = 0;
  double low = 0;
  double high = 0;
  /// (high − low) / (2 · median).
  double relative_half_width() const { return (high - low) / (2 * median); }
};

/// The median with its 95 % interval by order statistics; nothing below 6 values. Assumes
/// independent samples: autocorrelation makes the interval too narrow, and the cure is repetitions.
std::optional<MedianInterval> median_interval(std::span<const double> values);

}  // namespace nitro::measure
