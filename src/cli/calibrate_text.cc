#include "cli/calibrate_text.h"

#include "base/text.h"
#include "cli/table.h"
#include "cli/wrapped.h"
#include "optimize/result_document.h"

namespace nitro::cli {
namespace {

using predict::CalibrationRow;
using predict::PredictionError;

/// "+12.3%".
std::string off(double predicted_ns, double measured_ns) {
  return fmt::format("{:+.1f}%", 100 * (predicted_ns / measured_ns - 1));
}

std::string words(const PredictionError& error) {
  return fmt::format("median error {:.1f} %, {:.0f} % of {} within 30 %", 100 * error.median,
                     100 * error.within_30, error.count);
}

/// What the errors are of.
std::string_view judged(const predict::Calibration& calibration) {
  return calibration.held_out.count < calibration.rows.size() ? "networks" : "benchmarks";
}

Json error_json(const PredictionError& error) {
  return Json::object({{"count", error.count},
                       {"median", error.median},
                       {"within_30", error.within_30},
                       {"spread", error.spread}});
}

}  // namespace

std::string source_text(const CalibratedDevice& calibrated) {
  const Json& environment = calibrated.info.environment;
  return fmt::format(
      "fitted by nitro devices calibrate on {} to {} measurements there (runner {} {}, driver {}); "
      "{} whose family was held out: {}, intervals of 90 % hold {:.0f} %",
      optimize::utc_now().substr(0, 10), calibrated.calibration.rows.size(), calibrated.info.runner,
      calibrated.info.version,
      environment.contains("driver") ? environment.at("driver").as_string() : "unknown",
      judged(calibrated.calibration), words(calibrated.calibration.held_out),
      100 * calibrated.calibration.coverage);
}

std::string calibrate_text(const CalibratedDevice& calibrated, size_t width) {
  const predict::Device& device = calibrated.device;
  const predict::Calibration& calibration = calibrated.calibration;
  Table table({{"BENCHMARK", Align::kLeft, true},
               {"PRECISION"},
               {"MEASURED US", Align::kRight},
               {"BEFORE", Align::kRight},
               {"HELD OUT", Align::kRight},
               {"AFTER", Align::kRight}});
  for (const CalibrationRow& row : calibration.rows) {
    const double measured = row.net.measured_ns;
    table.add({row.net.name, std::string(name(row.net.precision)),
               fmt::format("{:.1f}", measured / 1e3), off(row.before_ns, measured),
               off(row.held_out_ns, measured), off(row.after_ns, measured)});
  }
  const auto line = [&](std::string_view word, const std::string& text) {
    return wrapped(fmt::format("{:<10} {}", word, text), width, 11);
  };
  std::string text =
      line("device", display(device.title, 80)) +
      line("peaks",
           fmt::format("{:.4g} GFLOP/s in FP32, {:.4g} in FP16, {:.4g} GB/s, {:.2f} GB; {}",
                       device.flops(predict::Precision::kFp32) / 1e9,
                       device.flops(predict::Precision::kFp16) / 1e9, device.bytes_per_s / 1e9,
                       static_cast<double>(device.memory_bytes) / 1e9,
                       display(device.source, 400))) +
      "\n" + table.text() + "\n" +
      line("before", fmt::format("{}: {}", judged(calibration), words(calibration.before))) +
      line("held out",
           "networks by rates fitted without their family: " + words(calibration.held_out)) +
      line("interval", fmt::format("a standard deviation of {:.3f}; made without the family, those "
                                   "of 90 % hold {:.0f} %",
                                   calibration.rates.spread, 100 * calibration.coverage));
  for (const std::string& reason : calibrated.left_out)
    text += line("left out", display(reason, 400));
  return text;
}

Json calibrate_json(const CalibratedDevice& calibrated) {
  const predict::Calibration& calibration = calibrated.calibration;
  Json rows = Json::array();
  for (const CalibrationRow& row : calibration.rows) {
    rows.push_back(Json::object({{"name", row.net.name},
                                 {"family", row.net.family},
                                 {"precision", name(row.net.precision)},
                                 {"measured_ns", row.net.measured_ns},
                                 {"before_ns", row.before_ns},
                                 {"held_out_ns", row.held_out_ns},
                                 {"after_ns", row.after_ns}}));
  }
  return Json::object({{"device", calibrated.device.name},
                       {"runtime", calibrated.runtime},
                       {"environment", calibrated.info.environment},
                       {"toml", predict::to_toml(calibrated.device)},
                       {"benchmarks", std::move(rows)},
                       {"left_out", Json::array_of(calibrated.left_out)},
                       {"before", error_json(calibration.before)},
                       {"held_out", error_json(calibration.held_out)},
                       {"coverage", calibration.coverage},
                       {"spread", calibration.rates.spread}});
}

}  // namespace nitro::cli
