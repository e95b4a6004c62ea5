#include "synth/classes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "synth/distance.h"
#include "synth/render.h"

namespace nitro::synth {
namespace {

void expect_reflects(const Material& material) {
  for (const float value :
       {material.colour.x, material.colour.y, material.colour.z, material.infrared,
        material.infrared_second, material.gloss, material.clear}) {
    EXPECT_GE(value, 0);
    EXPECT_LE(value, 1);
  }
  EXPECT_GT(material.period, 0);
}

TEST(Classes, AreTwentySorted) {
  EXPECT_EQ(classes().size(), 20U);
  EXPECT_TRUE(std::ranges::is_sorted(classes(), {}, &ClassRow::name));
}

TEST(Classes, MakeThingsOfASensibleSizeThatStandOnTheGround) {
  for (const ClassRow& row : classes()) {
    for (uint64_t seed = 0; seed < 100; ++seed) {
      SCOPED_TRACE(testing::Message() << row.name << " with seed " << seed);
      Draw draw(seed);
      const Model model = row.make(draw);
      EXPECT_LE(model.parts().size(), static_cast<size_t>(kMostParts));
      const Bounds bounds = bounds_of(model);
      const Vec3 half = bounds.half();
      EXPECT_GT(half.y, 0.01f);
      EXPECT_LT(std::max({half.x, half.y, half.z}), 1.4f);
      if (row.place == Place::kWall) {
        EXPECT_GT(bounds.low.z, -1.1f);
      } else {
        EXPECT_NEAR(bounds.low.y, 0, 0.05f);
      }
      for (const Part& part : model.parts()) ASSERT_LT(part.material, model.materials().size());
      for (const Material& material : model.materials()) expect_reflects(material);
    }
  }
}

TEST(Classes, AreSeenInTheirScenes) {
  int hidden = 0;
  for (int label = 0; label < 20; ++label) {
    for (uint64_t seed = 0; seed < 5; ++seed) {
      Draw draw(key_of({seed, static_cast<uint64_t>(label)}));
      const Seen seen = see_first(compose(label, draw), 40);
      EXPECT_GT(seen.share, 0) << classes()[static_cast<size_t>(label)].name << " with seed "
                               << seed;
      hidden += seen.visible < 0.5f;
    }
  }
  EXPECT_LE(hidden, 2);
}

}  // namespace
}  // namespace nitro::synth
