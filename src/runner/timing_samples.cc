#include "runner/timing_samples.h"

namespace nitro::runner {

measure::Samples to_samples(const Timing& timing) {
  measure::Samples samples;
  samples.ns.assign(timing.samples_ns.begin(), timing.samples_ns.end());
  for (const int64_t stamp : timing.stamps_ns) {
    samples.start_ns.push_back(stamp - timing.stamps_ns.front());
  }
  if (timing.cold_ns) samples.cold_first_ns = static_cast<double>(*timing.cold_ns);
  return samples;
}

}  // namespace nitro::runner
