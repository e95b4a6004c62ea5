#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace nitro::profile {

/// Times of one layer, or of the frame, at one setting of the clocks.
struct ClockPoint {
  double gpu_hz = 0;
  double emc_hz = 0;  // of the memory; 0: not known, and as it was at all points
  std::vector<double> samples_ns;
};

/// The points of a probe: both clocks high, then one or both low. Without the last two only the
/// GPU's clock was changed.
struct ClockSamples {
  ClockPoint high;
  ClockPoint low_gpu;
  std::optional<ClockPoint> low_emc = {};
  std::optional<ClockPoint> low_both = {};
};

struct Estimate {
  double value = 0;
  double low = 0;  // of the 95 % interval
  double high = 0;
};

/// What the larger part of a time follows: `compute` the GPU's clock (arithmetic, issue, on-chip
/// memories and the second-level cache), `memory` that of the memory, `launch` neither (the host,
/// launches, latency outside of both). `mixed`: no single one. `not_compute`: not the GPU's clock,
/// where only that was changed. `undecided`: the noise does not tell.
enum class ClockVerdict : uint8_t { kCompute, kMemory, kLaunch, kMixed, kNotCompute, kUndecided };
std::string_view name(ClockVerdict verdict);

/// The part of the time from which on it is the verdict.
inline constexpr double kHolds = 0.5;

struct ClockShares {
  ClockVerdict verdict = ClockVerdict::kUndecided;
  std::string evidence;  // a sentence or two with the numbers
  /// What is observed: by which power of its clock the time falls, the other clock being high.
  /// Nothing where there were too few or too short samples.
  std::optional<Estimate> gpu_elasticity = {};
  std::optional<Estimate> memory_elasticity = {};
  /// Parts of the time at high clocks, which add up to 1. Where only the GPU's clock was changed
  /// gpu_share has the overlap in it, and the others are not known.
  std::optional<Estimate> gpu_share = {};
  std::optional<Estimate> memory_share = {};
  std::optional<Estimate> overlap_share = {};  // falls only if both clocks rise
  std::optional<Estimate> fixed_share = {};
};

/// Takes a time apart by the clocks that it follows.
///
/// With x and y the periods of the GPU's and the memory's clock, 1 at the high point, the model is
/// t(x, y) = fixed + h(x, y) with h convex and homogeneous of degree one: a·x + b·y (no overlap),
/// max(a·x, b·y) (a perfect one, the roofline) and all p-norms between, also sums of such phases.
/// Nothing else is assumed of the overlap. Then, in parts of the time t at the high point:
/// - t(r, r) = fixed + r·(t − fixed), whatever the overlap: S = (t(r, r)/t − 1)/(r − 1) of the time
///   follows the clocks, 1 − S is fixed. Where the two ratios differ, t at the smaller one is
///   interpolated on the line where only the other period grows; exact without overlap or a change
///   of the limit, else S is too large.
/// - g = (t(x, 1)/t − 1)/(x − 1) is the slope in the GPU's period, m the same in the memory's. By
///   convexity they are at least the slopes at the high point, which add up to S (Euler): so
///   S − m ≤ GPU's slope ≤ g, and S − g ≤ memory's slope ≤ m. The difference, g + m − S, is what
///   overlaps, and is nobody's alone. gpu_share is S − m, memory_share is S − g.
/// Intervals are percentiles of a bootstrap of the samples at each point (Efron 1979), each time
/// moved by up to half the resolution, the medians being projected to what the model allows.
/// Fewer than 6 samples at a point, or times that the model does not allow beyond the noise (they
/// fall with the clock, or rise faster than its period), are undecided.
ClockShares shares_by_clocks(const ClockSamples& samples, double resolution_ns, uint64_t seed = 1);

/// The `clock_shares` of docs/result.schema.json.
Json to_json(const ClockShares& shares);

}  // namespace nitro::profile
