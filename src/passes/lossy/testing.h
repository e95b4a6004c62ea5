#pragma once

#include <filesystem>

#include "base/file.h"
#include "passes/lossy/calibration.h"
#include "passes/testing.h"

namespace nitro::passes {

/// What a graph gives for random inputs, as `nitro calibrate --moments` would write it.
class TestCalibration {
 public:
  explicit TestCalibration(const Graph& graph, int calls = 8);

  Calibration& content() { return calibration_; }
  /// `others`, and the file with content().
  Parameters parameters(Parameters others = {}) const;

 private:
  ScratchFolder folder_;
  Calibration calibration_;
};

/// Runs a pass that must change `before`, into something valid of the same inputs and outputs.
Graph expect_lossy(Run run, const Graph& before, const Parameters& parameters);

/// The error of a pass that must leave `graph` as it is.
std::string error_of(Run run, const Graph& graph, const Parameters& parameters);

}  // namespace nitro::passes
