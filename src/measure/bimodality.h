#pragma once

#include <optional>
#include <span>

namespace nitro::measure {

/// Two speeds of one thing, as when clocks switch between levels.
struct Modes {
  double fast_ns = 0;
  double slow_ns = 0;
  /// Part of the samples in the slow mode, 0..1.
  double slow_share = 0;
};

/// The two modes of the samples, if they have two: each with 10 % of the samples or more, at least
/// 2 % apart, with a valley between them. A hint for the eye, not a test. Nothing below 20 samples.
std::optional<Modes> find_modes(std::span<const double> ns);

}  // namespace nitro::measure
