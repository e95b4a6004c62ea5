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

}  // namespace nitro::measure
