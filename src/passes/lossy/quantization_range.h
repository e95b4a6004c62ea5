#pragma once

#include <string>

#include "passes/lossy/calibration.h"

namespace nitro::passes {

/// How much of what was seen of a value the 8 bits cover.
enum class RangeMethod : uint8_t {
  kMinMax,      // all
  kPercentile,  // but for 0.005 % of the elements at each end
  kMse,         // as much as makes the mean squared error least
  kEntropy,     // as much as makes the divergence of the distributions least (TensorRT's way)
};

/// Fails with kBadRecipe on a word other than minmax, percentile, mse and entropy.
Result<RangeMethod> parse_range_method(std::string_view word);

/// x = scale * (q - zero), with q in 0..255 and zero exact.
struct ActivationScale {
  double scale = 1;
  int64_t zero = 0;
};

ActivationScale choose_scale(const ValueRecord& record, RangeMethod method);

}  // namespace nitro::passes
