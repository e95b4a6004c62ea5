#pragma once

#include <cstddef>
#include <span>

namespace nitro::predict {

/// How far predictions are from what was measured; shares, not percent.
struct PredictionError {
  size_t count = 0;
  double median = 0;     // of |predicted / measured - 1|
  double within_30 = 0;  // the share of those that are at most 0.3 off
  double spread = 0;     // standard deviation of log(predicted / measured), around zero
  double spearman = 0;   // rank correlation
};

/// Of at least one prediction.
PredictionError prediction_error(std::span<const double> predicted,
                                 std::span<const double> measured);

}  // namespace nitro::predict
