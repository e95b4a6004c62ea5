#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

namespace nitro::measure {

/// A reading of a power sensor.
struct PowerReading {
  int64_t stamp_ns = 0;  // of the steady clock
  double milliwatts = 0;
};

/// Reads a sensor on a thread of its own until stop(), 100 times a second or as often as the sensor
/// answers.
class PowerSampler {
 public:
  /// Milliwatts now; nothing where the sensor does not answer.
  using Read = std::function<std::optional<double>()>;
  explicit PowerSampler(Read read,
                        std::chrono::milliseconds period = std::chrono::milliseconds(10));
  /// All readings, in order.
  std::vector<PowerReading> stop();

 private:
  void run(const std::stop_token& stop, const Read& read, std::chrono::milliseconds period);

  std::vector<PowerReading> readings_;
  std::jthread thread_;
};

/// The mean of the readings taken while one of the samples was, which start at `stamps_ns` and take
/// `samples_ns`; nothing where there are fewer than kFewestReadings.
std::optional<double> mean_power_mw(std::span<const PowerReading> readings,
                                    std::span<const int64_t> stamps_ns,
                                    std::span<const int64_t> samples_ns);
inline constexpr int64_t kFewestReadings = 10;

}  // namespace nitro::measure
