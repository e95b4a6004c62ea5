#include "predict/calibrate.h"

#include <algorithm>
#include <cmath>

namespace nitro::predict {
namespace {

/// Rates of another device, or assumed ones, say less of this one than rates.h of all.
constexpr double kFreedom = 3;

/// What is not measured perfectly is not predicted perfectly.
constexpr double kLeastSpread = 0.02;

/// Standard deviation of the logarithm, around zero, of few values: by one less than there are.
double spread_of(const PredictionError& error) {
  const auto count = static_cast<double>(error.count);
  return std::max(kLeastSpread, error.spread * std::sqrt(count / std::max(1.0, count - 1)));
}

PredictionError error_of(std::span<const CalibrationRow> rows, double CalibrationRow::*predicted) {
  std::vector<double> got;
  std::vector<double> wanted;
  for (const CalibrationRow& row : rows) {
    got.push_back(row.*predicted);
    wanted.push_back(row.net.measured_ns);
  }
  return prediction_error(got, wanted);
}

}  // namespace

Calibration calibrate(std::span<const MeasuredNet> benchmarks,
                      std::span<const MeasuredNet> networks, const Runtime& runtime) {
  std::vector<MeasuredNet> nets(benchmarks.begin(), benchmarks.end());
  nets.insert(nets.end(), networks.begin(), networks.end());
  const Prior prior{runtime.rates, kFreedom};
  const std::vector<double> held_out = cross_validated_ns(nets, prior);
  Calibration calibration;
  calibration.rates.rates = rounded(fit_rates(nets, "", prior).rates);
  for (size_t i = 0; i < nets.size(); ++i) {
    calibration.rows.push_back({nets[i], predicted_ns(nets[i], {runtime.rates}), held_out[i],
                                predicted_ns(nets[i], {calibration.rates.rates})});
  }
  const size_t first = networks.empty() ? 0 : benchmarks.size();
  const auto judged = std::span(calibration.rows).subspan(first);
  calibration.before = error_of(judged, &CalibrationRow::before_ns);
  calibration.held_out = error_of(judged, &CalibrationRow::held_out_ns);
  calibration.coverage =
      coverage(std::span(nets).subspan(first), std::span(held_out).subspan(first));
  calibration.rates.spread = std::round(1000 * spread_of(calibration.held_out)) / 1000;
  return calibration;
}

}  // namespace nitro::predict
