#pragma once

#include <vector>

namespace nitro::report {

/// A linear axis.
struct Axis {
  double low = 0;
  double high = 1;

  /// Where `value` lies, 0..100, held inside.
  double position(double value) const;
  /// Up to about `count` round values inside.
  std::vector<double> ticks(int count) const;
};

/// An axis over the bulk of the values: far outliers, more than 4 interquartile ranges from the
/// quartiles, do not stretch it. `values` must not be empty.
Axis axis_of(std::vector<double> values);

}  // namespace nitro::report
