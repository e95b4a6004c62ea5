#include "profile/clock_shares.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"

namespace nitro::profile {
namespace {

constexpr double kOverlapped = std::numeric_limits<double>::infinity();

/// A layer of which parts take so many nanoseconds at high clocks; `power` is that of the norm by
/// which the first two overlap: 1 not at all, infinity perfectly.
struct Layer {
  double gpu = 0, memory = 0, fixed = 0, power = 1;

  double time(double gpu_period, double memory_period) const {
    const double x = gpu * gpu_period, y = memory * memory_period;
    if (std::isinf(power)) return fixed + std::max(x, y);
    return fixed + std::pow(std::pow(x, power) + std::pow(y, power), 1 / power);
  }
};

constexpr uint64_t kSeed = 20'260'731;

struct Setting {
  double gpu_ratio = 2, memory_ratio = 2;
  double noise = 0.01;  // relative, of one sample
  size_t samples = 20;
  uint64_t seed = kSeed;
};

ClockPoint point(const Layer& layer, const Setting& setting, bool low_gpu, bool low_emc,
                 Random& random) {
  const double x = low_gpu ? setting.gpu_ratio : 1, y = low_emc ? setting.memory_ratio : 1;
  ClockPoint point{921.6e6 / x, 1600e6 / y, {}};
  for (size_t i = 0; i < setting.samples; ++i)
    point.samples_ns.push_back(layer.time(x, y) * (1 + setting.noise * random.normal()));
  return point;
}

ClockSamples sampled(const Layer& layer, const Setting& setting = {}) {
  Random random(setting.seed);
  return {point(layer, setting, false, false, random), point(layer, setting, true, false, random),
          point(layer, setting, false, true, random), point(layer, setting, true, true, random)};
}

ClockShares probe(const Layer& layer, const Setting& setting = {}) {
  return shares_by_clocks(sampled(layer, setting), 0);
}

bool holds(const Estimate& estimate, double truth) {
  return estimate.low <= truth + 1e-9 && truth <= estimate.high + 1e-9;
}

TEST(ClockShares, EachKindOfLayerGetsItsVerdict) {
  using enum ClockVerdict;
  struct Case {
    Layer layer;
    ClockVerdict verdict;
  };
  const Case cases[] = {
      {{.gpu = 1e6}, kCompute},
      {{.memory = 1e6}, kMemory},
      {{.fixed = 1e4}, kLaunch},
      {{.gpu = 8e5, .memory = 2e5}, kCompute},
      {{.gpu = 1e5, .memory = 7e5, .fixed = 1e5}, kMemory},
      {{.gpu = 4e5, .memory = 3e5, .fixed = 3e5}, kMixed},
      {{.gpu = 1e6, .memory = 4e5, .power = kOverlapped}, kCompute},
      {{.gpu = 3e5, .memory = 1e6, .power = kOverlapped}, kMemory},
      {{.gpu = 1e6, .memory = 1e6, .power = kOverlapped}, kMixed},
      {{.gpu = 9e5, .memory = 1e6, .power = kOverlapped}, kMixed},
      {{.gpu = 1e6, .memory = 3e5, .fixed = 5e4, .power = 2}, kCompute},
      {{.gpu = 1e6, .memory = 1e6, .power = 3}, kMixed},
  };
  for (const Case& given : cases) {
    SCOPED_TRACE(testing::Message() << given.layer.gpu << " " << given.layer.memory << " "
                                    << given.layer.fixed << " " << given.layer.power);
    const ClockShares shares = probe(given.layer);
    EXPECT_EQ(name(shares.verdict), name(given.verdict)) << shares.evidence;
    EXPECT_NEAR(shares.gpu_share->value + shares.memory_share->value + shares.overlap_share->value +
                    shares.fixed_share->value,
                1, 1e-9);
  }
}

TEST(ClockShares, PartsAreExactWithoutNoise) {
  const Layer layer{.gpu = 5e5, .memory = 3e5, .fixed = 2e5};
  const ClockShares shares = probe(layer, {.gpu_ratio = 2.04, .memory_ratio = 3.2, .noise = 0});
  EXPECT_NEAR(shares.gpu_share->value, 0.5, 1e-9);
  EXPECT_NEAR(shares.memory_share->value, 0.3, 1e-9);
  EXPECT_NEAR(shares.overlap_share->value, 0, 1e-9);
  EXPECT_NEAR(shares.fixed_share->value, 0.2, 1e-9);
  EXPECT_NEAR(shares.gpu_elasticity->value, std::log(1 + 0.5 * 1.04) / std::log(2.04), 1e-9);
  EXPECT_NEAR(shares.memory_elasticity->value, std::log(1 + 0.3 * 2.2) / std::log(3.2), 1e-9);
}

TEST(ClockShares, TheFixedPartIsExactWhateverTheOverlap) {
  for (const double power : {1.0, 1.5, 2.0, 4.0, kOverlapped}) {
    for (const double memory : {1e5, 5e5, 9e5, 2e6}) {
      const Layer layer{.gpu = 8e5, .memory = memory, .fixed = 3e5, .power = power};
      const ClockShares shares = probe(layer, {.noise = 0});
      EXPECT_NEAR(shares.fixed_share->value, 3e5 / layer.time(1, 1), 1e-9) << power;
    }
  }
}

TEST(ClockShares, SlopesAtTheHighPointLieBetweenTheBounds) {
  Random random(kSeed);
  for (int i = 0; i < 500; ++i) {
    const Layer layer{random.uniform(0, 1e6), random.uniform(0, 1e6), random.uniform(1e3, 1e6),
                      random.uniform(1, 6)};
    const ClockShares shares = probe(layer, {.noise = 0});
    const double time = layer.time(1, 1), step = 1e-5;
    const double gpu = (layer.time(1 + step, 1) - time) / (time * step);
    EXPECT_GE(gpu, shares.gpu_share->value - 1e-4) << i;
    EXPECT_LE(gpu, shares.gpu_share->value + shares.overlap_share->value + 1e-4) << i;
    const double memory = (layer.time(1, 1 + step) - time) / (time * step);
    EXPECT_GE(memory, shares.memory_share->value - 1e-4) << i;
    EXPECT_LE(memory, shares.memory_share->value + shares.overlap_share->value + 1e-4) << i;
  }
}

TEST(ClockShares, IntervalsHoldTheTruthAsOftenAsTheySay) {
  const Layer layer{.gpu = 4e5, .memory = 3e5, .fixed = 3e5};
  int held = 0, all = 0;
  for (uint64_t seed = kSeed; seed < kSeed + 200; ++seed) {
    const ClockShares shares = probe(layer, {.noise = 0.02, .seed = seed});
    held += holds(*shares.gpu_share, 0.4) + holds(*shares.memory_share, 0.3) +
            holds(*shares.fixed_share, 0.3);
    all += 3;
  }
  EXPECT_GE(held, 0.9 * all) << "seeds from " << kSeed;
}

TEST(ClockShares, NoiseMakesNoWrongVerdicts) {
  int wrong = 0, decided = 0;
  for (uint64_t seed = kSeed; seed < kSeed + 200; ++seed) {
    const ClockVerdict verdict =
        probe({.gpu = 6e5, .memory = 2e5, .fixed = 2e5}, {.noise = 0.15, .seed = seed}).verdict;
    wrong += verdict != ClockVerdict::kCompute && verdict != ClockVerdict::kUndecided;
    decided += verdict == ClockVerdict::kCompute;
  }
  EXPECT_LE(wrong, 10) << "seeds from " << kSeed;
  EXPECT_LT(decided, 190) << "some of them cannot be told";
}

TEST(ClockShares, NearTheThresholdIsUndecided) {
  EXPECT_EQ(probe({.gpu = 5e5, .memory = 2e5, .fixed = 3e5}, {.noise = 0.05}).verdict,
            ClockVerdict::kUndecided);
  EXPECT_EQ(probe({.gpu = 9e5, .fixed = 1e5}, {.noise = 0.5}).verdict, ClockVerdict::kUndecided);
}

TEST(ClockShares, OfClocksInUnequalStepsVerdictsStayRight) {
  const Setting orin{.gpu_ratio = 2.04, .memory_ratio = 3.2};
  EXPECT_EQ(probe({.gpu = 1e6, .memory = 2e5, .power = kOverlapped}, orin).verdict,
            ClockVerdict::kCompute);
  EXPECT_EQ(probe({.gpu = 3e5, .memory = 1e6, .power = kOverlapped}, orin).verdict,
            ClockVerdict::kMemory);
  EXPECT_EQ(probe({.gpu = 1e5, .fixed = 9e5}, orin).verdict, ClockVerdict::kLaunch);
}

TEST(ClockShares, TheGpusClockAloneTellsLess) {
  const auto probe_gpu = [](const Layer& layer) {
    ClockSamples samples = sampled(layer);
    samples.low_emc.reset();
    samples.low_both.reset();
    return shares_by_clocks(samples, 0);
  };
  const ClockShares compute = probe_gpu({.gpu = 9e5, .memory = 1e5});
  EXPECT_EQ(compute.verdict, ClockVerdict::kCompute);
  EXPECT_FALSE(compute.memory_share || compute.fixed_share || compute.memory_elasticity);
  const ClockShares other = probe_gpu({.gpu = 1e5, .memory = 9e5});
  EXPECT_EQ(other.verdict, ClockVerdict::kNotCompute);
  EXPECT_TRUE(other.evidence.contains("not known")) << other.evidence;
}

TEST(ClockShares, ShortLayersOfACoarseClockAreUndecided) {
  const ClockSamples samples = sampled({.gpu = 700, .fixed = 300}, {.noise = 0});
  EXPECT_EQ(shares_by_clocks(samples, 500).verdict, ClockVerdict::kUndecided);
  EXPECT_EQ(shares_by_clocks(samples, 1).verdict, ClockVerdict::kCompute);
}

TEST(ClockShares, TimesThatNoClockExplainsAreUndecided) {
  ClockSamples samples = sampled({.gpu = 1e6});
  for (double& sample : samples.low_gpu.samples_ns) sample *= 1.5;  // it was slowed down meanwhile
  const ClockShares shares = shares_by_clocks(samples, 0);
  EXPECT_EQ(shares.verdict, ClockVerdict::kUndecided);
  EXPECT_TRUE(shares.evidence.contains("something else changed")) << shares.evidence;
  samples = sampled({.gpu = 1e6});
  std::swap(samples.high.samples_ns, samples.low_gpu.samples_ns);
  EXPECT_EQ(shares_by_clocks(samples, 0).verdict, ClockVerdict::kUndecided);
}

TEST(ClockShares, TooLittleIsUndecided) {
  EXPECT_EQ(probe({.gpu = 1e6}, {.samples = 5}).verdict, ClockVerdict::kUndecided);
  EXPECT_FALSE(to_json(probe({.gpu = 1e6}, {.samples = 5})).contains("gpu_share"));
  EXPECT_EQ(probe({}).verdict, ClockVerdict::kUndecided);
}

TEST(ClockShares, TheDocumentNamesWhatIsKnown) {
  const Json json = to_json(probe({.gpu = 1e6}));
  EXPECT_EQ(json.at("verdict").as_string(), "compute");
  EXPECT_NEAR(json.at("gpu_share").at("value").as_number(), 1, 0.02);
  EXPECT_TRUE(json.contains("memory_elasticity") && json.contains("overlap_share"));
}

}  // namespace
}  // namespace nitro::profile
