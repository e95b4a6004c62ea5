#pragma once

#include "base/json.h"
#include "predict/calibrate.h"
#include "runner/protocol.h"

namespace nitro::cli {

/// What `nitro devices calibrate` found.
struct CalibratedDevice {
  runner::RunnerInfo info = {};
  predict::Device device = {};
  std::string runtime = {};
  predict::Calibration calibration = {};
  std::vector<std::string> left_out = {};  // benchmarks that did not run, and why
};

/// Where the rates come from, for the file.
std::string source_text(const CalibratedDevice& calibrated);

/// What was measured beside what was predicted, and how far networks are off.
std::string calibrate_text(const CalibratedDevice& calibrated, size_t width);
Json calibrate_json(const CalibratedDevice& calibrated);

}  // namespace nitro::cli
