#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "measure/stop_reason.h"
#include "measure/warm_up.h"

namespace nitro::measure {

struct StoppingOptions {
  WarmUpOptions warm_up = {};
  int64_t min_samples = 10;
  /// Time of samples before any rule but `count` may stop.
  double min_ns = 0.5e9;
  /// Time of samples after which to stop in any case.
  double timeout_ns = 15e9;
  /// Relative half-width of the median's interval that is precise enough.
  double precision = 0.01;
  /// Stop at exactly so many samples and by no other rule.
  std::optional<int64_t> count = {};
};

/// What a sample is for.
enum class SampleUse : uint8_t { kWarmUp, kMeasured };

/// Decides, sample by sample and without a clock, when a run has warmed up and when it has samples
/// enough: the first of precise, plateau and timeout.
class Stopping {
 public:
  explicit Stopping(StoppingOptions options = {});

  /// Takes the next sample and says whether it belongs to the warm-up or to the result.
  SampleUse add(double sample_ns);
  /// Why to stop, or nothing to go on.
  std::optional<StopReason> done() const { return reason_; }
  /// The samples that count, in order, without the warm-up.
  std::span<const double> measured() const { return measured_; }
  const WarmUp& warm_up() const { return warm_up_; }

 private:
  static constexpr size_t kWindow = 512;

  void track_noise(double sample_ns);
  bool is_precise();
  bool is_plateau() const;
  std::optional<StopReason> judge();

  StoppingOptions options_;
  WarmUp warm_up_;
  std::vector<double> measured_;
  std::optional<StopReason> reason_;
  double elapsed_ns_ = 0;
  size_t next_check_ = 0;
  // Running mean and sum of squared deviations (Welford), and the noise after each sample.
  double mean_ = 0;
  double squares_ = 0;
  std::array<double, kWindow> noise_{};
};

}  // namespace nitro::measure
