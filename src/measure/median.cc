#include "measure/median.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace nitro::measure {
namespace {

/// C(n, k) / 2ⁿ.
double half_binomial(double n, double k) {
  return std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) -
                  n * std::log(2.0));
}

/// Where the sum of half_binomial() may start: all before it is below 1e-15.
int64_t first_term(int64_t count) {
  const auto n = static_cast<double>(count);
  return std::max<int64_t>(0, static_cast<int64_t>(n / 2 - 5 * std::sqrt(n)));
}

/// The k-th smallest (from 0) of values that nth_element() may reorder.
double select(std::vector<double>& values, int64_t k) {
  const auto place = values.begin() + k;
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

double median_of(std::vector<double>& values) {
  const auto size = static_cast<int64_t>(values.size());
  const double upper = select(values, size / 2);
  if (size % 2 == 1) return upper;
  return (upper + *std::max_element(values.begin(), values.begin() + size / 2)) / 2;
}

}  // namespace

double order_statistic(std::span<const double> values, int64_t rank) {
  std::vector<double> copy(values.begin(), values.end());
  return select(copy, rank - 1);
}

double median(std::span<const double> values) {
  std::vector<double> copy(values.begin(), values.end());
  return median_of(copy);
}

double median_absolute_deviation(std::span<const double> values) {
  const double center = median(values);
  std::vector<double> deviations(values.begin(), values.end());
  for (double& value : deviations) value = std::abs(value - center);
  return 1.4826 * median_of(deviations);
}

double interquartile_range(std::span<const double> values) {
  const auto size = static_cast<int64_t>(values.size());
  return order_statistic(values, (3 * size + 3) / 4) - order_statistic(values, (size + 3) / 4);
}

std::optional<MedianRanks> median_ranks(int64_t count, double alpha) {
  const auto n = static_cast<double>(count);
  int64_t low = first_term(count);
  double below = 0;
  double term = half_binomial(n, static_cast<double>(low));
  while (low <= count && below + term <= alpha / 2) {
    below += term;
    term *= static_cast<double>(count - low) / static_cast<double>(low + 1);
    ++low;
  }
  if (low < 1) return std::nullopt;
  return MedianRanks{low, count + 1 - low};
}

double median_coverage(int64_t count, MedianRanks ranks) {
  double inside = 0;
  for (int64_t i = ranks.low; i < ranks.high; ++i) {
    inside += half_binomial(static_cast<double>(count), static_cast<double>(i));
  }
  return inside;
}

std::optional<MedianInterval> median_interval(std::span<const double> values) {
  const auto ranks = median_ranks(static_cast<int64_t>(values.size()));
  if (!ranks) return std::nullopt;
  std::vector<double> copy(values.begin(), values.end());
  const double middle = median_of(copy);
  return MedianInterval{middle, select(copy, ranks->low - 1), select(copy, ranks->high - 1)};
}

}  // namespace nitro::measure
