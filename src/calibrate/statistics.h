#pragma once

#include "passes/lossy/calibration.h"

namespace nitro::calibrate {

/// Adds what `tensor` is like to min, max, channel_max and the histogram of `record`, whose type it
/// has and whose first tensor it is where the histogram is empty. The histogram has kBins bins; its
/// range doubles, and bins merge, when a larger value comes. Fails with kBadModel on a value that
/// is not finite.
Result<void> add_ranges(passes::ValueRecord& record, const Tensor& tensor);
inline constexpr size_t kBins = 8192;

/// Widens `extremes` to `min` and `max`; one that is not finite is left out.
void add_extremes(passes::Extremes& extremes, double min, double max);

/// Adds the rows of `tensor`, whose last axis is the same each time.
void add_moments(passes::Moments& moments, const Tensor& tensor);

}  // namespace nitro::calibrate
