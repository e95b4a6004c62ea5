#include "measure/stopping.h"

#include <algorithm>
#include <cmath>

#include "measure/median.h"

namespace nitro::measure {
namespace {

constexpr size_t kSmallestWindow = 64;
constexpr size_t kPlateauEvery = 16;
constexpr double kPlateauChange = 0.05;

}  // namespace

Stopping::Stopping(StoppingOptions options) : options_(options), warm_up_(options.warm_up) {}

SampleUse Stopping::add(double sample_ns) {
  if (!warm_up_.done()) {
    warm_up_.add(sample_ns);
    return SampleUse::kWarmUp;
  }
  measured_.push_back(sample_ns);
  elapsed_ns_ += sample_ns;
  track_noise(sample_ns);
  if (!reason_) reason_ = judge();
  return SampleUse::kMeasured;
}

std::optional<StopReason> Stopping::judge() {
  const auto count = static_cast<int64_t>(measured_.size());
  if (options_.count) {
    if (count >= *options_.count) return StopReason::kCount;
    return std::nullopt;
  }
  if (count < options_.min_samples || elapsed_ns_ < options_.min_ns) return std::nullopt;
  if (is_precise()) return StopReason::kPrecise;
  if (is_plateau()) return StopReason::kPlateau;
  if (elapsed_ns_ >= options_.timeout_ns) return StopReason::kTimeout;
  return std::nullopt;
}

bool Stopping::is_precise() {
  // Looking costs O(n), so look ever more rarely: a constant cost per sample.
  if (measured_.size() < next_check_ && elapsed_ns_ < options_.timeout_ns) return false;
  next_check_ = measured_.size() + 1 + measured_.size() / 32;
  const auto interval = median_interval(measured_);
  return interval && interval->relative_half_width() <= options_.precision;
}

void Stopping::track_noise(double sample_ns) {
  const auto count = static_cast<double>(measured_.size());
  const double change = sample_ns - mean_;
  mean_ += change / count;
  squares_ += change * (sample_ns - mean_);
  const double deviation = count > 1 ? std::sqrt(squares_ / (count - 1)) : 0;
  noise_[(measured_.size() - 1) % kWindow] = deviation / mean_;
}

// The criterion of nvbench: how far the recent noise values lie from the last one. Its other rule,
// noise below 0.5 %, is not needed here: the median is then precise to 1 % already.
bool Stopping::is_plateau() const {
  const size_t count = measured_.size();
  if (count <= kSmallestWindow || count % kPlateauEvery != 0) return false;
  const size_t size = std::min(count, kWindow);
  const double last = noise_[(count - 1) % kWindow];
  double squares = 0;
  for (size_t i = 0; i < size; ++i) squares += (noise_[i] - last) * (noise_[i] - last);
  return std::sqrt(squares / static_cast<double>(size)) < kPlateauChange * last;
}

}  // namespace nitro::measure
