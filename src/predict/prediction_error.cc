#include "predict/prediction_error.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "measure/median.h"

namespace nitro::predict {
namespace {

/// Ranks from 0 on; equal values get the mean of theirs.
std::vector<double> ranks(std::span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, {}, [&](size_t i) { return values[i]; });
  std::vector<double> result(values.size());
  for (size_t first = 0; first < order.size();) {
    size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) ++last;
    for (size_t i = first; i <= last; ++i) result[order[i]] = static_cast<double>(first + last) / 2;
    first = last + 1;
  }
  return result;
}

/// Pearson's correlation of ranks, whose means are equal.
double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double mean = static_cast<double>(a.size() - 1) / 2;
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean) * (b[i] - mean);
    aa += (a[i] - mean) * (a[i] - mean);
    bb += (b[i] - mean) * (b[i] - mean);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

}  // namespace

PredictionError prediction_error(std::span<const double> predicted,
                                 std::span<const double> measured) {
  const auto n = static_cast<double>(predicted.size());
  std::vector<double> off;
  PredictionError error{.count = predicted.size()};
  for (size_t i = 0; i < predicted.size(); ++i) {
    const double ratio = predicted[i] / measured[i];
    off.push_back(std::abs(ratio - 1));
    error.within_30 += (off.back() <= 0.3) / n;
    error.spread += std::pow(std::log(ratio), 2) / n;
  }
  error.spread = std::sqrt(error.spread);
  error.median = measure::median(off);
  error.spearman = correlation(ranks(predicted), ranks(measured));
  return error;
}

}  // namespace nitro::predict
