#include <gtest/gtest.h>

#include "onnx/import_case.h"

namespace nitro::onnx {
namespace {

using Values = std::vector<double>;

TEST(ImportConstant, TakesNumbers) {
  ImportCase number("Constant", 13);
  number.attributes().number("value_float", 0.5);
  EXPECT_EQ(number.folded(), Values{0.5});
  ImportCase integers("Constant", 13);
  integers.attributes().integers("value_ints", {3, 4});
  EXPECT_EQ(integers.folded(), (Values{3, 4}));
  ImportCase text("Constant", 13);
  text.attributes().string("value_string", "x");
  EXPECT_EQ(text.error(), ErrorCode::kUnsupportedOp);
}

TEST(ImportConstant, ShapeTakesAPart) {
  ImportCase shape("Shape", 15);
  shape.input({2, 3, 4}).attributes().integer("start", -2).integer("end", 100);
  EXPECT_EQ(shape.folded(), (Values{3, 4}));
  ImportCase size("Size", 13);
  size.input({2, 3, 4});
  EXPECT_EQ(size.folded(), Values{24});
  EXPECT_EQ(ImportCase("Shape", 15).error(), ErrorCode::kBadModel);
}

TEST(ImportConstant, ALargeConstantOfShapeIsNotStored) {
  ImportCase small("ConstantOfShape", 9);
  small.constant({2, 2});
  EXPECT_EQ(small.folded(), (Values{0, 0, 0, 0}));
  ImportCase large("ConstantOfShape", 9);
  large.constant({int64_t{1} << 20, int64_t{1} << 20});
  EXPECT_EQ(large.lowered<Expand>().shape, (Ints{int64_t{1} << 20, int64_t{1} << 20}));
  ImportCase negative("ConstantOfShape", 9);
  negative.constant({-1});
  EXPECT_EQ(negative.error(), ErrorCode::kBadModel);
}

ImportCase range(int64_t start, int64_t limit, int64_t delta) {
  ImportCase range("Range", 11);
  for (int64_t parameter : {start, limit, delta}) {
    range.constant(Tensor::of<int64_t>(DType::kI64, {}, {parameter}));
  }
  return range;
}

TEST(ImportConstant, RangeCountsEitherWay) {
  EXPECT_EQ(range(1, 8, 3).folded(), (Values{1, 4, 7}));
  EXPECT_EQ(range(5, 0, -2).folded(), (Values{5, 3, 1}));
  EXPECT_EQ(range(INT64_MIN, INT64_MAX, INT64_MAX).folded().size(), 3U);
  EXPECT_TRUE(range(5, 0, 1).folded().empty());
  EXPECT_EQ(range(0, 5, 0).error(), ErrorCode::kBadModel);
  EXPECT_EQ(range(0, 0, 0).error(), ErrorCode::kBadModel);
  EXPECT_EQ(range(INT64_MIN, INT64_MAX, 1).error(), ErrorCode::kLimitExceeded);
}

TEST(ImportConstant, EyeLikePlacesTheDiagonal) {
  ImportCase eye("EyeLike", 9);
  eye.input({2, 3}).attributes().integer("k", 1);
  EXPECT_EQ(eye.folded(), (Values{0, 1, 0, 0, 0, 1}));
  ImportCase far("EyeLike", 9);
  far.input({2, 3}).attributes().integer("k", INT64_MIN);
  EXPECT_EQ(far.folded(), Values(6, 0));
  ImportCase huge("EyeLike", 9);
  huge.input({int64_t{1} << 20, int64_t{1} << 20});
  EXPECT_EQ(huge.error(), ErrorCode::kLimitExceeded);
}

TEST(ImportConstant, CastToTheSameDtypeIsTheOperand) {
  ImportCase cast("Cast", 13);
  cast.input({2}).attributes().integer("to", 1);
  EXPECT_EQ(cast.run().value(), std::vector{cast.graph().inputs()[0]});
  ImportCase like("CastLike", 15);
  like.input({2}).input({}, DType::kI64);
  EXPECT_EQ(like.lowered<Cast>().to, DType::kI64);
  ImportCase unknown("Cast", 13);
  unknown.input({2}).attributes().integer("to", 8);
  EXPECT_EQ(unknown.error(), ErrorCode::kUnsupportedDtype);
}

}  // namespace
}  // namespace nitro::onnx
