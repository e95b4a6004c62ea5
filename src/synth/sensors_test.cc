#include "synth/sensors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace nitro::synth {
namespace {

constexpr int kSize = 32;

/// A wall that faces the camera.
Rendered wall(float distance, float reflectance, float lost) {
  Rendered r;
  r.size = kSize;
  r.colour.assign(kSize * kSize, {0.5f, 0.5f, 0.5f});
  r.infrared.assign(kSize * kSize, reflectance);
  r.depth.assign(kSize * kSize, distance);
  r.facing.assign(kSize * kSize, 1);
  r.returned.assign(kSize * kSize, reflectance);
  r.mirrored.assign(kSize * kSize, lost);
  return r;
}

double share_of_holes(const Picture& picture) {
  return static_cast<double>(std::ranges::count(picture.values, 0)) / (kSize * kSize);
}

TEST(Sensors, DepthIsInMillimetres) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Draw draw(seed);
    const Picture picture = see_depth(wall(1.5f, 0.6f, 0), draw);
    EXPECT_LT(share_of_holes(picture), 0.01) << "seed " << seed;
    for (const uint16_t value : picture.values) ASSERT_NEAR(value, 1500, 60) << "seed " << seed;
  }
}

TEST(Sensors, DepthStepsGrowWithTheDistance) {
  // The spread of values over both kinds of sensor.
  const auto spread_at = [](float distance) {
    double sum = 0;
    for (uint64_t seed = 0; seed < 20; ++seed) {
      Draw draw(seed);
      const Picture picture = see_depth(wall(distance, 0.6f, 0), draw);
      const auto [low, high] = std::ranges::minmax(picture.values);
      sum += high - low;
    }
    return sum;
  };
  EXPECT_GT(spread_at(4), 3 * spread_at(1));
}

TEST(Sensors, GlassDarkAndFarSurfacesHaveNoDepth) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (const Rendered& r : {wall(1, 0.6f, 1), wall(1, 0.002f, 0), wall(12, 0.6f, 0)}) {
      Draw draw(seed);
      EXPECT_EQ(share_of_holes(see_depth(r, draw)), 1) << "seed " << seed;
    }
  }
}

TEST(Sensors, AProjectorLeavesAShadowBesideWhatIsNear) {
  Rendered r = wall(3, 0.6f, 0);
  for (int y = 0; y < kSize; ++y)
    for (int x = 12; x < 20; ++x) r.depth[static_cast<size_t>(y * kSize + x)] = 0.25f;
  int shadows = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Draw draw(seed);
    const Picture picture = see_depth(r, draw);
    const auto hole = [&](int x) {
      return picture.values[static_cast<size_t>(16 * kSize + x)] == 0;
    };
    // On one side only, from the edge on.
    shadows += (hole(10) && hole(11)) != (hole(20) && hole(21));
    EXPECT_FALSE(hole(2)) << "seed " << seed;
  }
  EXPECT_GT(shadows, 10);
}

TEST(Sensors, ExposureAndGainFollowTheScene) {
  const auto mean = [](const Picture& picture) {
    return std::accumulate(picture.values.begin(), picture.values.end(), 0.0) /
           static_cast<double>(picture.values.size());
  };
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (const float light : {0.01f, 1.0f, 30.0f}) {
      Rendered r = wall(1, light, 0);
      r.colour.assign(kSize * kSize, {light, light, light});
      Draw colour(seed), infrared(seed);
      EXPECT_NEAR(mean(see_colour(r, colour)), 160, 60) << "seed " << seed;
      EXPECT_NEAR(mean(see_infrared(r, infrared)), 170, 70) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace nitro::synth
