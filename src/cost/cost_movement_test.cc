#include <gtest/gtest.h>

#include "cost/cost_case.h"

namespace nitro::cost {
namespace {

const TensorType kX{DType::kF32, {10, 20}};

TEST(CostMovement, ReshapeIsFree) { EXPECT_EQ(cost_case(Reshape{{200}}, {kX}).bytes(), 0); }

TEST(CostMovement, SliceReadsWhatItDelivers) {
  const Cost slice = cost_case(Slice{{0, 0}, {10, 5}, {1, 1}}, {kX});
  EXPECT_EQ(slice.flops, 0);
  EXPECT_EQ(slice.bytes_read, 200);
  EXPECT_EQ(slice.bytes_written, 200);
}

TEST(CostMovement, SplitWritesEveryPart) {
  const Cost split = cost_case(Split{1, {5, 15}}, {kX});
  EXPECT_EQ(split.bytes_read, 800);
  EXPECT_EQ(split.bytes_written, 800);
}

TEST(CostMovement, ExpandReadsTheSource) {
  const Cost expand = cost_case(Expand{{30, 10, 20}}, {kX});
  EXPECT_EQ(expand.bytes_read, 800);
  EXPECT_EQ(expand.bytes_written, 24000);
}

TEST(CostMovement, CroppingReadsWhatIsLeft) {
  const Cost crop = cost_case(Pad{{-9, 0}, {0, 0}}, {kX});
  EXPECT_EQ(crop.bytes_read, 80);
}

}  // namespace
}  // namespace nitro::cost
