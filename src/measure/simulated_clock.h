#pragma once

#include <cmath>

#include "base/random.h"

namespace nitro::measure {

/// A source of sample times whose truth is known, for tests: truth × lognormal noise × drift, and a
/// slower mode in part of the samples.
struct SimulatedClock {
  double truth_ns = 5e6;
  /// Standard deviation of the logarithm of a sample.
  double noise = 0.03;
  /// Relative growth per sample.
  double drift = 0;
  double slow_share = 0;
  double slow_factor = 1.3;

  double sample(Random& random) {
    const double factor = random.uniform() < slow_share ? slow_factor : 1.0;
    truth_ns *= 1 + drift;
    return truth_ns * factor * std::exp(noise * random.normal());
  }
};

}  // namespace nitro::measure
