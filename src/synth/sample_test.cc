#include "synth/sample.h"

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "synth/classes.h"

namespace nitro::synth {
namespace {

std::string_view bytes(const Picture& picture) {
  return {reinterpret_cast<const char*>(picture.values.data()), picture.values.size() * 2};
}

std::string digest(const Sample& sample) {
  Sha256 sum;
  for (const Picture* picture : {&sample.colour, &sample.depth, &sample.infrared})
    sum.add(bytes(*picture));
  return to_hex(sum.finish());
}

TEST(Sample, HasThreeAlignedPicturesOfItsClass) {
  const Sample sample = make_sample({5, Split::kVal, 43}, 24);
  EXPECT_EQ(sample.label, 3);
  EXPECT_EQ(sample.colour.values.size(), 24U * 24 * 3);
  EXPECT_EQ(sample.depth.values.size(), 24U * 24);
  EXPECT_EQ(sample.infrared.values.size(), 24U * 24);
  EXPECT_EQ(sample.depth.bits, 16);
}

TEST(Sample, DependsOnEachPartOfItsKeyAndNothingElse) {
  const std::string first = digest(make_sample({1, Split::kTrain, 20}, 16));
  EXPECT_EQ(digest(make_sample({1, Split::kTrain, 20}, 16)), first);
  EXPECT_NE(digest(make_sample({2, Split::kTrain, 20}, 16)), first);
  EXPECT_NE(digest(make_sample({1, Split::kTest, 20}, 16)), first);
  EXPECT_NE(digest(make_sample({1, Split::kTrain, 40}, 16)), first);
}

// One sample of each class. If this fails because pictures were changed on purpose, count kVersion
// up; if it fails on another machine, something there does not compute as IEEE 754 says.
TEST(Sample, HasTheSamePixelsEverywhere) {
  Sha256 sum;
  for (int64_t index = 0; index < 20; ++index)
    sum.add(digest(make_sample({7, Split::kTrain, index}, 24)));
  EXPECT_EQ(to_hex(sum.finish()),
            "33dd38d3b0d77b2e57779f841c6a1db5ad98c2e6622db88e901c488797c0080f");
}

TEST(Sample, OddSizesWork) {
  EXPECT_EQ(make_sample({1, Split::kTrain, 2}, 17).depth.values.size(), 17U * 17);
}

}  // namespace
}  // namespace nitro::synth
