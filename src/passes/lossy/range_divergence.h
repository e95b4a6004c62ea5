#pragma once

#include "passes/lossy/calibration.h"

namespace nitro::passes {

/// Values that 8 bits cover; 0 is among them.
struct Range {
  double low = 0;
  double high = 0;
};

/// All that was seen, and 0.
Range range_of(const ValueRecord& record);

/// The Kullback-Leibler divergence of what 256 levels over `range` keep of a distribution from the
/// distribution with all that is outside moved to the ends. Infinite where a level is no bin wide.
double range_divergence(const Histogram& histogram, const Range& range);

}  // namespace nitro::passes
