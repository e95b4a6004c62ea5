#include "synth/distance.h"

#include <gtest/gtest.h>

#include "synth/angle.h"

namespace nitro::synth {
namespace {

float distance_at(const Model& model, const Vec3& point) {
  PartList list;
  for (const Part& part : model.parts()) list.add(part);
  return distance(list, spread(point))[0];
}

/// A model of one part of each shape, rounded and stretched where that is possible.
std::vector<Model> one_of_each() {
  std::vector<Model> models(7);
  models[0].box(0, {0.1f, 0, 0}, {0.3f, 0.2f, 0.1f}).round(0.05f);
  models[1].grid(0, {}, {0.03f, 0.1f, 0.05f}, {0.1f, 0, 0}, {1.5f, 0, 0});
  models[2].ellipsoid(0, {}, {0.2f, 0.3f, 0.25f});
  models[3].cylinder(0, {}, 0.2f, 0.1f).round(0.02f).stretched(0.1f);
  models[4].cone(0, {}, 0.2f, 0.15f, 0.05f).rotate(about_x(40));
  models[5].capsule(0, {}, 0.1f, 0.2f);
  models[6].torus(0, {}, 0.2f, 0.05f).rotate(about_z(30));
  return models;
}

TEST(Distance, OfBoxesIsExact) {
  Model model;
  model.box(0, {1, 0, 0}, {0.5f, 1, 2}).round(0.1f);
  EXPECT_NEAR(distance_at(model, {2, 0, 0}), 0.5f, 1e-6f);
  EXPECT_NEAR(distance_at(model, {1.2f, 0, 0}), -0.3f, 1e-6f);
}

TEST(Distance, NeverStepsOverASurface) {
  Draw draw(3);
  for (const Model& model : one_of_each()) {
    for (int i = 0; i < 300; ++i) {
      const Vec3 from{draw.between(-1, 1), draw.between(-1, 1), draw.between(-1, 1)};
      const Vec3 to{draw.between(-0.4f, 0.4f), draw.between(-0.4f, 0.4f),
                    draw.between(-0.4f, 0.4f)};
      const float gap = distance_at(model, from);
      if (gap <= 0 || distance_at(model, to) > 0) continue;
      EXPECT_LE(gap, length(to - from) * 1.1f);
    }
  }
}

TEST(Distance, PartsReachNoFurtherThanTheySay) {
  Draw draw(4);
  for (const Model& model : one_of_each()) {
    const Part& part = model.parts().front();
    const Vec3 half = part.half();
    for (int i = 0; i < 500; ++i) {
      const Vec3 offset{draw.between(-0.6f, 0.6f), draw.between(-0.6f, 0.6f),
                        draw.between(-0.6f, 0.6f)};
      if (distance_at(model, part.centre + offset) > 0) continue;
      EXPECT_LE(length(offset), part.reach + 1e-4f);
      EXPECT_LE(magnitude(offset.x), half.x + 1e-4f);
      EXPECT_LE(magnitude(offset.y), half.y + 1e-4f);
      EXPECT_LE(magnitude(offset.z), half.z + 1e-4f);
    }
  }
}

TEST(Distance, CutsOnlyWhatWasThereBefore) {
  Model model;
  model.box(0, {}, {1, 1, 1});
  model.box(1, {0, 1, 0}, {0.5f, 0.5f, 0.5f}).cut();
  model.box(2, {0, 0.8f, 0}, {0.1f, 0.1f, 0.1f});
  EXPECT_GT(distance_at(model, {0.3f, 0.8f, 0}), 0);
  EXPECT_LT(distance_at(model, {0, 0.8f, 0}), 0);
  EXPECT_LT(distance_at(model, {0.3f, 0.3f, 0}), 0);
}

TEST(Distance, NamesTheMaterialThatIsSeen) {
  Model model;
  model.box(3, {}, {1, 1, 1});
  model.box(5, {0, 1, 0}, {0.5f, 0.5f, 0.5f}).cut();
  PartList list;
  for (const Part& part : model.parts()) list.add(part);
  const VecLanes points{Lanes{1, 0, 0, 0.9f}, Lanes{0, 0.5f, -1, 1}, Lanes{0, 0, 0, 0}};
  const Mask material = nearest_material(list, points);
  EXPECT_EQ(material[0], 3);
  EXPECT_EQ(material[1], 5);  // the bottom of the hole
  EXPECT_EQ(material[2], 3);
}

TEST(Angle, AgreesWithTheLibrary) {
  for (float degrees = -800; degrees < 800; degrees += 0.37f)
    ASSERT_NEAR(sine(degrees), std::sin(static_cast<double>(degrees) * 3.14159265358979 / 180),
                2e-6);
}

TEST(Model, BarsEndWhereTheyShould) {
  Model model;
  model.bar(0, {0.1f, 0, 0.2f}, {0.5f, 0.7f, -0.3f}, 0.05f);
  EXPECT_NEAR(distance_at(model, {0.1f, 0, 0.2f}), -0.05f, 1e-5f);
  EXPECT_NEAR(distance_at(model, {0.5f, 0.7f, -0.3f}), -0.05f, 1e-5f);
}

}  // namespace
}  // namespace nitro::synth
