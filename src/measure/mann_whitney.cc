#include "measure/mann_whitney.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace nitro::measure {
namespace {

constexpr size_t kLargestExact = 40;

/// Twice the rank of each value, so that the mean rank of ties is an integer: those of `a` first.
std::vector<int64_t> doubled_ranks(std::span<const double> a, std::span<const double> b) {
  std::vector<double> values(a.begin(), a.end());
  values.insert(values.end(), b.begin(), b.end());
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, {}, [&](size_t i) { return values[i]; });
  std::vector<int64_t> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (size_t i = begin; i < end; ++i) ranks[order[i]] = static_cast<int64_t>(begin + 1 + end);
    begin = end;
  }
  return ranks;
}

/// How many ways there are to choose `chosen` of the ranks, for each sum of theirs.
std::vector<double> ways_per_sum(std::span<const int64_t> ranks, size_t chosen) {
  const auto total = static_cast<size_t>(std::accumulate(ranks.begin(), ranks.end(), int64_t{0}));
  std::vector<std::vector<double>> ways(chosen + 1, std::vector<double>(total + 1));
  ways[0][0] = 1;
  for (int64_t rank : ranks) {
    const auto step = static_cast<size_t>(rank);
    for (size_t k = chosen; k > 0; --k) {
      for (size_t sum = total; sum >= step; --sum) ways[k][sum] += ways[k - 1][sum - step];
    }
  }
  return std::move(ways[chosen]);
}

double exact_p(std::span<const int64_t> ranks, size_t chosen, int64_t sum) {
  const std::vector<double> ways = ways_per_sum(ranks, chosen);
  // Twice the rank sum has the mean n_A (N + 1).
  const auto mean = static_cast<int64_t>(chosen * (ranks.size() + 1));
  double as_extreme = 0;
  double all = 0;
  for (size_t i = 0; i < ways.size(); ++i) {
    all += ways[i];
    if (std::abs(static_cast<int64_t>(i) - mean) >= std::abs(sum - mean)) as_extreme += ways[i];
  }
  return as_extreme / all;
}

double normal_p(std::span<const int64_t> ranks, size_t chosen, int64_t sum) {
  const auto total = static_cast<double>(ranks.size());
  const auto n_a = static_cast<double>(chosen);
  const double mean = n_a * (total + 1);
  // The variance of the rank sum without replacement, which accounts for ties.
  double squares = 0;
  for (int64_t rank : ranks) {
    squares +=
        (static_cast<double>(rank) - (total + 1)) * (static_cast<double>(rank) - (total + 1));
  }
  const double variance = n_a * (total - n_a) / (total * (total - 1)) * squares;
  if (variance <= 0) return 1;
  // One rank of two is the continuity correction of one half in units of U.
  const double distance = std::max(0.0, std::abs(static_cast<double>(sum) - mean) - 1);
  return std::erfc(distance / std::sqrt(2 * variance));
}

}  // namespace

double mann_whitney_p(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return 1;
  const std::vector<int64_t> ranks = doubled_ranks(a, b);
  const int64_t sum = std::accumulate(ranks.begin(), ranks.begin() + std::ssize(a), int64_t{0});
  return ranks.size() <= kLargestExact ? exact_p(ranks, a.size(), sum)
                                       : normal_p(ranks, a.size(), sum);
}

}  // namespace nitro::measure
