#include "measure/power_sampler.h"

#include <algorithm>

namespace nitro::measure {
namespace {

int64_t now_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

PowerSampler::PowerSampler(Read read, std::chrono::milliseconds period)
    : thread_([this, read = std::move(read), period](const std::stop_token& stop) {
        run(stop, read, period);
      }) {}

void PowerSampler::run(const std::stop_token& stop, const Read& read,
                       std::chrono::milliseconds period) {
  auto next = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    if (const std::optional<double> milliwatts = read())
      readings_.push_back({now_ns(), *milliwatts});
    next = std::max(next + period, std::chrono::steady_clock::now());
    std::this_thread::sleep_until(next);
  }
}

std::vector<PowerReading> PowerSampler::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  return std::move(readings_);
}

std::optional<double> mean_power_mw(std::span<const PowerReading> readings,
                                    std::span<const int64_t> stamps_ns,
                                    std::span<const int64_t> samples_ns) {
  double sum = 0;
  int64_t count = 0;
  for (const PowerReading& reading : readings) {
    const auto after = std::ranges::upper_bound(stamps_ns, reading.stamp_ns);
    if (after == stamps_ns.begin()) continue;
    const auto sample = static_cast<size_t>(after - stamps_ns.begin() - 1);
    if (reading.stamp_ns > stamps_ns[sample] + samples_ns[sample]) continue;
    sum += reading.milliwatts;
    ++count;
  }
  if (count < kFewestReadings) return std::nullopt;
  return sum / static_cast<double>(count);
}

}  // namespace nitro::measure
