#include "profile/clock_shares.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/random.h"
#include "measure/median.h"

namespace nitro::profile {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"compute", "memory",      "launch",
                                                    "mixed",   "not_compute", "undecided"};
constexpr int kResamples = 1000;
constexpr size_t kFewestSamples = 6;
/// How far shares may leave what the model allows before it is not believed.
constexpr double kTolerance = 0.1;

/// Medians at the points; the last two are 0 where there are none.
struct Times {
  double high = 0, low_gpu = 0, low_emc = 0, low_both = 0;
};

/// How many times as long a period is at the low clock.
struct Ratios {
  double gpu = 1, emc = 1;
};

/// Everything that is estimated of one set of times.
struct Parts {
  double gpu_elasticity = 0, memory_elasticity = 0;
  double gpu = 0, memory = 0, overlap = 0, fixed = 0;
  double misfit = 0;  // how far outside of what the model allows
};

double slope(double time, double high, double ratio) { return (time / high - 1) / (ratio - 1); }

/// The part that follows the clocks: of the time with both periods grown alike.
double following(const Times& times, const Ratios& ratios) {
  const double least = std::min(ratios.gpu, ratios.emc), most = std::max(ratios.gpu, ratios.emc);
  const double from = ratios.gpu <= ratios.emc ? times.low_gpu : times.low_emc;
  const double alike = from + (least - 1) / (most - 1) * (times.low_both - from);
  return slope(alike, times.high, least);
}

Parts parts_of(const Times& times, const Ratios& ratios, bool both) {
  Parts parts;
  const double gpu = slope(times.low_gpu, times.high, ratios.gpu);
  parts.gpu_elasticity = std::log(times.low_gpu / times.high) / std::log(ratios.gpu);
  parts.misfit = std::max(-gpu, gpu - 1);
  const double g = std::clamp(gpu, 0.0, 1.0);
  parts.gpu = g;
  if (!both) return parts;
  const double memory = slope(times.low_emc, times.high, ratios.emc);
  const double m = std::clamp(memory, 0.0, 1.0);
  const double all = following(times, ratios);
  parts.memory_elasticity = std::log(times.low_emc / times.high) / std::log(ratios.emc);
  parts.misfit = std::max(
      {parts.misfit, -memory, memory - 1, all - (gpu + memory), std::max(gpu, memory) - all});
  const double s = std::clamp(all, std::max(g, m), std::min(1.0, g + m));
  parts.gpu = s - m;
  parts.memory = s - g;
  parts.overlap = g + m - s;
  parts.fixed = 1 - s;
  return parts;
}

double resampled_median(const std::vector<double>& samples, double resolution_ns, Random& random,
                        std::vector<double>& draw) {
  draw.resize(samples.size());
  const auto count = static_cast<int64_t>(samples.size());
  for (double& value : draw) value = samples[static_cast<size_t>(random.below(count))];
  // One step of the clock may move all samples of a point alike.
  const double moved =
      measure::median(draw) + random.uniform(-resolution_ns / 2, resolution_ns / 2);
  return std::max(moved, 1e-3);
}

Estimate estimate(const std::vector<Parts>& drawn, const Parts& found, double Parts::*member) {
  std::vector<double> values;
  for (const Parts& parts : drawn) values.push_back(parts.*member);
  std::ranges::sort(values);
  const size_t tail = values.size() / 40;
  const double value = found.*member;
  return {value, std::min(value, values[tail]), std::max(value, values[values.size() - 1 - tail])};
}

ClockVerdict verdict_of(const ClockShares& shares) {
  if (!shares.fixed_share) {
    if (shares.gpu_share->low >= kHolds) return ClockVerdict::kCompute;
    return shares.gpu_share->high < kHolds ? ClockVerdict::kNotCompute : ClockVerdict::kUndecided;
  }
  if (shares.gpu_share->low >= kHolds) return ClockVerdict::kCompute;
  if (shares.memory_share->low >= kHolds) return ClockVerdict::kMemory;
  if (shares.fixed_share->low >= kHolds) return ClockVerdict::kLaunch;
  const bool none = std::max({shares.gpu_share->high, shares.memory_share->high,
                              shares.fixed_share->high}) < kHolds;
  return none ? ClockVerdict::kMixed : ClockVerdict::kUndecided;
}

std::string percent(const Estimate& share) {
  return fmt::format("{:.0f} % [{:.0f}, {:.0f}]", 100 * share.value, 100 * share.low,
                     100 * share.high);
}

std::string evidence_of(const ClockShares& shares, const Times& times, const Ratios& ratios) {
  std::string text =
      fmt::format("With the GPU's clock {:.2f} times lower it takes {:.2f} times as long",
                  ratios.gpu, times.low_gpu / times.high);
  if (!shares.fixed_share) {
    return text + fmt::format(
                      ": {} of its time follows that clock; whether the rest waits for "
                      "memory or for neither is not known.",
                      percent(*shares.gpu_share));
  }
  text += fmt::format(", with the memory's {:.2f} times lower {:.2f} times, with both {:.2f}",
                      ratios.emc, times.low_emc / times.high, times.low_both / times.high);
  return text + fmt::format(
                    ": {} follows the GPU's clock, {} the memory's, {} both overlapped, {} "
                    "neither.",
                    percent(*shares.gpu_share), percent(*shares.memory_share),
                    percent(*shares.overlap_share), percent(*shares.fixed_share));
}

std::vector<const ClockPoint*> points_of(const ClockSamples& samples) {
  std::vector<const ClockPoint*> points = {&samples.high, &samples.low_gpu};
  if (samples.low_emc && samples.low_both)
    points.insert(points.end(), {&*samples.low_emc, &*samples.low_both});
  return points;
}

Times times_of(const std::vector<double>& medians) {
  if (medians.size() == 2) return {medians[0], medians[1]};
  return {medians[0], medians[1], medians[2], medians[3]};
}

Json estimate_json(const Estimate& estimate) {
  return Json::object({{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}});
}

}  // namespace

std::string_view name(ClockVerdict verdict) { return kNames[std::to_underlying(verdict)]; }

ClockShares shares_by_clocks(const ClockSamples& samples, double resolution_ns, uint64_t seed) {
  const std::vector<const ClockPoint*> points = points_of(samples);
  ClockShares shares;
  std::vector<double> medians;
  for (const ClockPoint* point : points) {
    if (point->samples_ns.size() < kFewestSamples) {
      shares.evidence = "There are too few samples at one of the clocks.";
      return shares;
    }
    medians.push_back(measure::median(point->samples_ns));
  }
  if (std::ranges::min(medians) <= 0) {
    shares.evidence = "Its time is below the resolution of the profiler.";
    return shares;
  }
  const bool both = points.size() > 2;
  const Ratios ratios = {samples.high.gpu_hz / samples.low_gpu.gpu_hz,
                         both ? samples.high.emc_hz / samples.low_emc->emc_hz : 1};
  const Parts found = parts_of(times_of(medians), ratios, both);
  Random random(seed);
  std::vector<Parts> drawn;
  std::vector<double> draw, moved(points.size());
  for (int i = 0; i < kResamples; ++i) {
    for (size_t point = 0; point < points.size(); ++point)
      moved[point] = resampled_median(points[point]->samples_ns, resolution_ns, random, draw);
    drawn.push_back(parts_of(times_of(moved), ratios, both));
  }
  shares.gpu_elasticity = estimate(drawn, found, &Parts::gpu_elasticity);
  shares.gpu_share = estimate(drawn, found, &Parts::gpu);
  if (both) {
    shares.memory_elasticity = estimate(drawn, found, &Parts::memory_elasticity);
    shares.memory_share = estimate(drawn, found, &Parts::memory);
    shares.overlap_share = estimate(drawn, found, &Parts::overlap);
    shares.fixed_share = estimate(drawn, found, &Parts::fixed);
  }
  shares.evidence = evidence_of(shares, times_of(medians), ratios);
  if (estimate(drawn, found, &Parts::misfit).low > kTolerance) {
    shares.evidence +=
        " No mixture of the two clocks and a fixed part gives these times: something "
        "else changed with the clocks.";
    return shares;
  }
  shares.verdict = verdict_of(shares);
  return shares;
}

Json to_json(const ClockShares& shares) {
  Json json = Json::object();
  json["verdict"] = name(shares.verdict);
  const auto add = [&](const char* key, const std::optional<Estimate>& value) {
    if (value) json[key] = estimate_json(*value);
  };
  add("gpu_elasticity", shares.gpu_elasticity);
  add("memory_elasticity", shares.memory_elasticity);
  add("gpu_share", shares.gpu_share);
  add("memory_share", shares.memory_share);
  add("overlap_share", shares.overlap_share);
  add("fixed_share", shares.fixed_share);
  json["evidence"] = shares.evidence;
  return json;
}

}  // namespace nitro::profile
