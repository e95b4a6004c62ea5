#include <gtest/gtest.h>

#include <limits>

#include "ir/infer_case.h"

namespace nitro {
namespace {

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();

TEST(InferMovement, ReshapeKeepsTheElements) {
  EXPECT_EQ(shape_case(Reshape{{6}}, {{2, 3}}), (Shape{6}));
  EXPECT_EQ(shape_case(Reshape{{5}}, {{2, 3}}), kMismatch);
  EXPECT_EQ(shape_case(Reshape{{-2, -3}}, {{2, 3}}), Shape{-2});
  EXPECT_EQ(shape_case(Reshape{{kHuge, kHuge}}, {{1}}), Shape{-2});
}

TEST(InferMovement, TransposeTakesAPermutation) {
  EXPECT_EQ(shape_case(Transpose{{2, 0, 1}}, {{2, 3, 4}}), (Shape{4, 2, 3}));
  for (const Ints& perm : {Ints{0, 0, 1}, Ints{0, 1}, Ints{0, 1, 3}, Ints{-1, 0, 1}}) {
    EXPECT_EQ(shape_case(Transpose{perm}, {{2, 3, 4}}), kMismatch);
  }
}

TEST(InferMovement, ExpandOnlyRepeats) {
  EXPECT_EQ(shape_case(Expand{{2, 3}}, {{3}}), (Shape{2, 3}));
  EXPECT_EQ(shape_case(Expand{{1, 3}}, {{2, 3}}), kMismatch);
  EXPECT_EQ(shape_case(Expand{{4}}, {{3}}), kMismatch);
}

TEST(InferMovement, SliceStaysInside) {
  EXPECT_EQ(shape_case(Slice{{4}, {3}, {-2}}, {{5}}), Shape{3});
  EXPECT_EQ(shape_case(Slice{{0}, {0}, {1}}, {{5}}), Shape{0});
  EXPECT_EQ(shape_case(Slice{{4}, {4}, {-2}}, {{5}}), kMismatch);
  EXPECT_EQ(shape_case(Slice{{3}, {3}, {1}}, {{5}}), kMismatch);
  EXPECT_EQ(shape_case(Slice{{0}, {2}, {0}}, {{5}}), kMismatch);
  EXPECT_EQ(shape_case(Slice{{0}, {-1}, {1}}, {{5}}), kMismatch);
  EXPECT_EQ(shape_case(Slice{{1}, {kHuge}, {kHuge}}, {{5}}), kMismatch);
  EXPECT_EQ(shape_case(Slice{{0}, {1}, {1}}, {{5, 5}}), kMismatch);
}

TEST(InferMovement, ConcatAddsAlongTheAxis) {
  EXPECT_EQ(shape_case(Concat{1}, {{2, 3}, {2, 0}, {2, 4}}), (Shape{2, 7}));
  EXPECT_EQ(shape_case(Concat{1}, {{2, 3}, {3, 3}}), kMismatch);
  EXPECT_EQ(shape_case(Concat{2}, {{2, 3}}), kMismatch);
  EXPECT_EQ(shape_case(Concat{-1}, {{2, 3}}), kMismatch);
  EXPECT_EQ(shape_case(Concat{0}, {{2}, {}}), kMismatch);
  EXPECT_EQ(shape_case(Concat{0}, {}), kMismatch);
}

TEST(InferMovement, SplitUsesUpTheAxis) {
  const auto parts = infer_case(Split{1, {1, 0, 3}}, {{DType::kF32, {2, 4}}});
  EXPECT_EQ(parts.value(),
            (Types{{DType::kF32, {2, 1}}, {DType::kF32, {2, 0}}, {DType::kF32, {2, 3}}}));
  EXPECT_EQ(shape_case(Split{1, {1, 2}}, {{2, 4}}), kMismatch);
  EXPECT_EQ(shape_case(Split{1, {5, -1}}, {{2, 4}}), kMismatch);
  EXPECT_EQ(shape_case(Split{1, {}}, {{2, 0}}), kMismatch);
}

TEST(InferMovement, PadAddsAndCrops) {
  EXPECT_EQ(shape_case(Pad{{1, -1}, {2, 0}}, {{2, 3}}), (Shape{5, 2}));
  EXPECT_EQ(shape_case(Pad{{-4}, {10}}, {{3}}), kMismatch);
  EXPECT_EQ(shape_case(Pad{{-2}, {-2}}, {{3}}), kMismatch);
  EXPECT_EQ(shape_case(Pad{{kHuge}, {0}}, {{3}}), kMismatch);
  EXPECT_EQ(shape_case(Pad{{1}, {0}, PadMode::kEdge}, {{0}}), kMismatch);
  EXPECT_EQ(shape_case(Pad{{0}, {0}, PadMode::kReflect}, {{0}}), Shape{0});
}

TEST(InferMovement, TileMultiplies) {
  EXPECT_EQ(shape_case(Tile{{2, 0}}, {{3, 4}}), (Shape{6, 0}));
  EXPECT_EQ(shape_case(Tile{{-1}}, {{3}}), kMismatch);
  EXPECT_EQ(shape_case(Tile{{kHuge}}, {{3}}), kMismatch);
}

TEST(InferMovement, BlocksDivide) {
  EXPECT_EQ(shape_case(DepthToSpace{2}, {{1, 8, 2, 3}}), (Shape{1, 2, 4, 6}));
  EXPECT_EQ(shape_case(DepthToSpace{3}, {{1, 8, 2, 3}}), kMismatch);
  EXPECT_EQ(shape_case(DepthToSpace{0}, {{1, 8, 2, 3}}), kMismatch);
  EXPECT_EQ(shape_case(DepthToSpace{kHuge}, {{1, 8, 2, 3}}), kMismatch);
  EXPECT_EQ(shape_case(SpaceToDepth{2}, {{1, 2, 4, 6}}), (Shape{1, 8, 2, 3}));
  EXPECT_EQ(shape_case(SpaceToDepth{4}, {{1, 2, 4, 6}}), kMismatch);
  EXPECT_EQ(shape_case(SpaceToDepth{0}, {{1, 2, 4, 6}}), kMismatch);
}

TEST(InferMovement, TriluNeedsAMatrix) {
  EXPECT_EQ(shape_case(Trilu{}, {{2, 3}}), (Shape{2, 3}));
  EXPECT_EQ(shape_case(Trilu{}, {{3}}), kMismatch);
}

}  // namespace
}  // namespace nitro
