#include "synth/trace.h"

#include <gtest/gtest.h>

namespace nitro::synth {
namespace {

/// A room of 4 by 3 by 4 metres with a ball of radius 0.5 in its middle, 1 metre up.
Scene with_ball() {
  Scene scene;
  scene.room.bounds = {{-2, 0, -2}, {2, 3, 2}};
  Model ball;
  ball.ellipsoid(ball.material({}), {0, 1, 0}, {0.5f, 0.5f, 0.5f});
  scene.objects.emplace_back(ball, Vec3{}, 30.0f);
  return scene;
}

TEST(Trace, MeetsTheBallAndTheWallsWhereTheyAre) {
  const Scene scene = with_ball();
  const VecLanes from = spread(Vec3{0, 1, 1.9f});
  const VecLanes along{Lanes{0, 0, 1, 0}, Lanes{0, 1, 0, -1}, Lanes{-1, 0, 0, 0}};
  const Surfaces found = trace(scene, {from, along});
  EXPECT_NEAR(found.distance[0], 1.4f, 0.002f);
  EXPECT_EQ(found.object[0], 0);
  EXPECT_NEAR(found.normal.z[0], 1, 0.01f);
  EXPECT_NEAR(found.distance[1], 2, 1e-5f);  // the ceiling
  EXPECT_EQ(found.object[1], kRoom);
  EXPECT_EQ(found.material[1], 1);
  EXPECT_NEAR(found.normal.y[1], -1, 1e-6f);
  EXPECT_NEAR(found.distance[2], 2, 1e-5f);
  EXPECT_NEAR(found.distance[3], 1, 1e-5f);  // the floor
  EXPECT_EQ(found.material[3], 0);
}

TEST(Trace, LightIsHeldBackByTheBall) {
  const Scene scene = with_ball();
  const VecLanes points{Lanes{0, 1.5f, -1.5f, 0}, Lanes{0.01f, 0.01f, 0.01f, 1.6f},
                        Lanes{0, 0, 0, 0}};
  const Lanes through = light_through(scene, points, spread(Vec3{0, 1, 0}), spread(2.9f), 0.2f);
  EXPECT_LT(through[0], 0.05f);
  EXPECT_GT(through[1], 0.95f);
  EXPECT_GT(through[2], 0.95f);
  EXPECT_GT(through[3], 0.95f);
}

TEST(Trace, CornersAreLessOpen) {
  const Scene scene = with_ball();
  const VecLanes points{Lanes{1, 1.98f, 1, 1}, Lanes{0, 0, 0, 0}, Lanes{1, 1.98f, 1, 1}};
  const Lanes open = openness(scene, points, spread(Vec3{0, 1, 0}), spread(0.3f));
  EXPECT_GT(open[0], 0.95f);
  EXPECT_LT(open[1], open[0] - 0.2f);
}

}  // namespace
}  // namespace nitro::synth
