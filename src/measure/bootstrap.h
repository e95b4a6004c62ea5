#pragma once

#include <cstdint>
#include <span>

namespace nitro::measure {

struct BootstrapInterval {
  double median = 0;
  double low = 0;
  double high = 0;
};

/// The median of `values` with its 95 % percentile interval over `resamples` resamples. The same
/// seed gives the same interval everywhere. `values` must not be empty.
BootstrapInterval bootstrap_median(std::span<const double> values, uint64_t seed,
                                   int resamples = 10'000);

struct BootstrapMean {
  double mean = 0;
  double low = 0;
  double high = 0;
};

/// The mean of `values` with its 95 % percentile interval over 10,000 resamples, fewer for more
/// than 10,000 values but never below 1,000. As repeatable as bootstrap_median(). `values` must not
/// be empty.
BootstrapMean bootstrap_mean(std::span<const double> values, uint64_t seed);

/// The same of `count` values of which `ups` are 1, `downs` are -1 and the others 0.
BootstrapMean bootstrap_difference(int64_t count, int64_t ups, int64_t downs, uint64_t seed);

}  // namespace nitro::measure
