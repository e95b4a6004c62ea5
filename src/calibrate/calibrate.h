#pragma once

#include "calibrate/observe.h"
#include "passes/lossy/extremes.h"

namespace nitro::calibrate {

struct CalibrateOptions {
  ObserveOptions observe;
  bool moments = false;  // sums of products of each value's columns, too
  /// Of `graph`, where they are wanted.
  passes::ExtremesValue extremes = {};
};

/// What `values` of `graph` are like on `scenes`; they are floats of rank 1 at least. Fails as
/// observe() does.
Result<passes::Calibration> calibrate(const Graph& graph, const std::vector<ValueId>& values,
                                      const Scenes& scenes, runner::Runner& runner,
                                      const CalibrateOptions& options);

}  // namespace nitro::calibrate
