#include <gtest/gtest.h>

#include "ir/infer_case.h"

namespace nitro {
namespace {

TEST(InferLayerNormalization, StatisticsKeepTheOuterAxes) {
  const DType f16 = DType::kF16;
  const auto types = infer_case(LayerNormalization{1}, {{f16, {2, 3, 4}}, {f16, {3, 4}}});
  ASSERT_TRUE(types);
  const TensorType statistic{DType::kF32, {2, 1, 1}};
  EXPECT_EQ(*types, (Types{{f16, {2, 3, 4}}, statistic, statistic}));
}

TEST(InferNormalization, RejectsAxesAndShapes) {
  EXPECT_EQ(shape_case(LayerNormalization{3}, {{2, 3, 4}, {4}}), kMismatch);
  EXPECT_EQ(shape_case(LayerNormalization{-1}, {{2, 3, 4}, {4}}), kMismatch);
  EXPECT_EQ(shape_case(LayerNormalization{2}, {{2, 3, 4}, {4}, {3}}), kMismatch);
  EXPECT_EQ(shape_case(SkipLayerNormalization{}, {{2, 4}, {2, 4}, {4}}), (Shape{2, 4}));
  EXPECT_EQ(shape_case(SkipLayerNormalization{}, {{2, 4}, {4}, {4}}), kMismatch);
  EXPECT_EQ(shape_case(SkipLayerNormalization{}, {{}, {}, {}}), kMismatch);
  EXPECT_EQ(shape_case(SkipLayerNormalization{}, {}), kMismatch);
  EXPECT_EQ(shape_case(GroupNormalization{3}, {{1, 4, 2}, {4}, {4}}), kMismatch);
  EXPECT_EQ(shape_case(GroupNormalization{0}, {{1, 4, 2}, {4}, {4}}), kMismatch);
  EXPECT_EQ(shape_case(BatchNormalization{}, {{1, 4, 2}, {4}, {4}, {4}, {3}}), kMismatch);
  EXPECT_EQ(shape_case(LpNormalization{0, 3}, {{4}}), kMismatch);
  EXPECT_EQ(shape_case(LRN{0}, {{1, 4, 2, 2}}), kMismatch);
  EXPECT_EQ(shape_case(Softmax{-1}, {{4}}), kMismatch);
  EXPECT_EQ(shape_case(Softmax{0}, {{4}}, DType::kI32), kMismatch);
}

TEST(InferReduce, AxesAreSortedAndInRange) {
  EXPECT_EQ(shape_case(Reduce{ReduceKind::kSum, {0, 2}, true}, {{2, 3, 4}}), (Shape{1, 3, 1}));
  EXPECT_EQ(shape_case(Reduce{ReduceKind::kSum, {0, 2}, false}, {{2, 3, 4}}), (Shape{3}));
  EXPECT_EQ(shape_case(Reduce{ReduceKind::kSum, {2, 0}, true}, {{2, 3, 4}}), kMismatch);
  EXPECT_EQ(shape_case(Reduce{ReduceKind::kSum, {1, 1}, true}, {{2, 3, 4}}), kMismatch);
  EXPECT_EQ(shape_case(Reduce{ReduceKind::kSum, {3}, true}, {{2, 3, 4}}), kMismatch);
  EXPECT_EQ(shape_case(Reduce{ReduceKind::kSum, {0}, true}, {{2}}, DType::kBool), kMismatch);
}

TEST(InferPool, MaximumHasIndices) {
  const Pool op{PoolKind::kMax, {3}, {2}, {1}, {0}, {1}, {4}};
  const auto types = infer_case(op, {{DType::kF32, {1, 2, 8}}});
  ASSERT_TRUE(types);
  EXPECT_EQ(*types, (Types{{DType::kF32, {1, 2, 4}}, {DType::kI64, {1, 2, 4}}}));
}

TEST(InferPool, WindowsStartInsideTheInput) {
  EXPECT_EQ(shape_case(Pool{PoolKind::kMax, {3}, {2}, {1}, {0}, {0}, {5}}, {{1, 2, 8}}), kMismatch);
  EXPECT_EQ(shape_case(Pool{PoolKind::kMax, {3}, {0}, {1}, {0}, {0}, {1}}, {{1, 2, 8}}), kMismatch);
  EXPECT_EQ(shape_case(Pool{PoolKind::kMax, {3}, {1}, {1}, {0}, {0}, {-1}}, {{1, 2, 8}}),
            kMismatch);
  EXPECT_EQ(shape_case(Pool{PoolKind::kMax, {3}, {1}, {1}, {0}, {0}, {6, 1}}, {{1, 2, 8}}),
            kMismatch);
  EXPECT_EQ(
      shape_case(Pool{PoolKind::kAverage, {3}, {1}, {1}, {0}, {0}, {6}}, {{1, 2, 8}}, DType::kI32),
      kMismatch);
}

TEST(InferResize, NeedsPositiveFiniteScales) {
  Resize op;
  op.scales = {1, 2};
  op.sizes = {3, 8};
  EXPECT_EQ(shape_case(op, {{3, 4}}), (Shape{3, 8}));
  EXPECT_EQ(shape_case(op, {{3, 0}}), kMismatch);
  EXPECT_EQ(shape_case(op, {{3}}), kMismatch);
  op.scales = {1, -2};
  EXPECT_EQ(shape_case(op, {{3, 4}}), kMismatch);
  op.scales = {1, 2};
  op.coordinates = ResizeCoordinates::kCropAndResize;
  EXPECT_EQ(shape_case(op, {{3, 4}}), kMismatch);
}

TEST(InferGridSample, OneCoordinatePerAxis) {
  EXPECT_EQ(shape_case(GridSample{}, {{1, 3, 4, 4}, {1, 5, 6, 2}}), (Shape{1, 3, 5, 6}));
  EXPECT_EQ(shape_case(GridSample{}, {{1, 3, 4, 4}, {1, 5, 6, 3}}), kMismatch);
  EXPECT_EQ(shape_case(GridSample{}, {{1, 3, 4, 4}, {2, 5, 6, 2}}), kMismatch);
}

TEST(InferQuantizeLinear, ParametersFollowTheAxis) {
  const TensorType x{DType::kF32, {2, 3}};
  const TensorType scale{DType::kF32, {3}};
  const auto types = infer_case(QuantizeLinear{1}, {x, scale, {DType::kI8, {3}}});
  ASSERT_TRUE(types);
  EXPECT_EQ(types->at(0), (TensorType{DType::kI8, {2, 3}}));
  EXPECT_FALSE(infer_case(QuantizeLinear{0}, {x, scale}));
  EXPECT_FALSE(infer_case(QuantizeLinear{2}, {x, scale}));
  EXPECT_FALSE(infer_case(QuantizeLinear{1}, {x, scale, {DType::kI8, {2}}}));
  EXPECT_FALSE(infer_case(DequantizeLinear{1}, {x, scale}));
}

}  // namespace
}  // namespace nitro
