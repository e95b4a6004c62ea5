#pragma once

#include "predict/fit_rates.h"
#include "predict/prediction_error.h"

namespace nitro::predict {

/// A measurement beside what is predicted of it, nanoseconds.
struct CalibrationRow {
  MeasuredNet net = {};
  double before_ns = 0;
  double held_out_ns = 0;  // by rates that were fitted without its family
  double after_ns = 0;
};

struct Calibration {
  FittedRates rates = {};  // without its source
  std::vector<CalibrationRow> rows = {};
  // Of the networks, or of all where none was measured.
  PredictionError before = {};
  PredictionError held_out = {};
  double coverage = 0;  // of intervals of 90 %, each made without the network's family
};

/// Rates of a device that agree with all measurements on it and, where these say nothing, with
/// those of `runtime`. Their spread is the error of networks whose family was held out. Needs at
/// least one measurement.
Calibration calibrate(std::span<const MeasuredNet> benchmarks,
                      std::span<const MeasuredNet> networks, const Runtime& runtime);

}  // namespace nitro::predict
