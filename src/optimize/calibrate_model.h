#pragma once

#include <functional>

#include "calibrate/observe.h"
#include "optimize/frame.h"
#include "passes/lossy/calibration.h"

namespace nitro::optimize {

struct CalibrateModelOptions {
  bool moments = false;   // sums of products of each value's columns, too
  bool extremes = false;  // of all f32 values, too
  std::function<void(size_t values)> watching = [](size_t) {};
  std::function<void(size_t done)> progress = [](size_t) {};  // scenes
};

/// What the values that passes may ask for of `graph` are like on `scenes`, on the runner of
/// `setup`. Fails as calibrate::observe() does.
Result<passes::Calibration> calibrate_model(const Graph& graph, const calibrate::Scenes& scenes,
                                            const RunSetup& setup,
                                            const CalibrateModelOptions& options);

}  // namespace nitro::optimize
