#include <gtest/gtest.h>

#include "onnx/import_case.h"

namespace nitro::onnx {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

Ints reshaped(Shape from, const Ints& wanted, bool allow_zero = false) {
  ImportCase reshape("Reshape", 14);
  reshape.input(std::move(from)).constant(wanted).attributes().integer("allowzero", allow_zero);
  return reshape.lowered<Reshape>().shape;
}

TEST(ImportMovement, ReshapeResolvesZeroAndMinusOne) {
  EXPECT_EQ(reshaped({2, 3, 4}, {0, -1}), (Ints{2, 12}));
  EXPECT_EQ(reshaped({0, 3}, {3, 0}, true), (Ints{3, 0}));
  EXPECT_EQ(reshaped({2, 3}, {-1, -1}), Ints{});
  EXPECT_EQ(reshaped({2, 3}, {-1, 4}), Ints{});
  EXPECT_EQ(reshaped({2, 3}, {-2, 3}), Ints{});
  EXPECT_EQ(reshaped({2, 3}, {2, 3, 0}), Ints{});
  EXPECT_EQ(reshaped({2, 3}, {kMost, kMost, -1}), Ints{});
}

TEST(ImportMovement, ReshapeToAComputedShapeIsUnknown) {
  ImportCase reshape("Reshape", 14);
  reshape.input({2, 3}).input({2}, DType::kI64);
  EXPECT_EQ(reshape.error(), ErrorCode::kUnknownShape);
}

TEST(ImportMovement, SqueezeAndUnsqueezeTakeAxesAsAttributeOrOperand) {
  ImportCase old("Squeeze", 11);
  old.input({1, 3, 1}).attributes().integers("axes", {-1});
  EXPECT_EQ(old.lowered<Reshape>().shape, (Ints{1, 3}));
  ImportCase all("Squeeze", 13);
  all.input({1, 3, 1});
  EXPECT_EQ(all.lowered<Reshape>().shape, Ints{3});
  ImportCase wrong("Squeeze", 13);
  wrong.input({1, 3}).constant({1});
  EXPECT_EQ(wrong.error(), ErrorCode::kShapeMismatch);
  ImportCase unsqueeze("Unsqueeze", 13);
  unsqueeze.input({3}).constant({-1, 0});
  EXPECT_EQ(unsqueeze.lowered<Reshape>().shape, (Ints{1, 3, 1}));
  ImportCase twice("Unsqueeze", 13);
  twice.input({3}).constant({0, -3});
  EXPECT_EQ(twice.error(), ErrorCode::kBadModel);
  ImportCase many("Unsqueeze", 13);
  many.input({3}).constant(Ints(100, 0));
  EXPECT_EQ(many.error(), ErrorCode::kLimitExceeded);
}

TEST(ImportMovement, FlattenSplitsAtAnyAxis) {
  ImportCase flatten("Flatten", 13);
  flatten.input({2, 3, 4}).attributes().integer("axis", 3);
  EXPECT_EQ(flatten.lowered<Reshape>().shape, (Ints{24, 1}));
}

Slice sliced(Shape from, const Ints& starts, const Ints& ends, const Ints& axes,
             const Ints& steps) {
  ImportCase slice("Slice", 13);
  slice.input(std::move(from)).constant(starts).constant(ends).constant(axes).constant(steps);
  return slice.lowered<Slice>();
}

TEST(ImportMovement, SliceIsNormalised) {
  EXPECT_EQ(sliced({5}, {1}, {kMost}, {0}, {2}), (Slice{{1}, {2}, {2}}));
  EXPECT_EQ(sliced({5}, {-1}, {kLeast}, {0}, {-1}), (Slice{{4}, {5}, {-1}}));
  EXPECT_EQ(sliced({5}, {-2}, {100}, {-1}, {1}), (Slice{{3}, {2}, {1}}));
  EXPECT_EQ(sliced({5}, {3}, {1}, {0}, {1}), (Slice{{0}, {0}, {1}}));
  EXPECT_EQ(sliced({5}, {kMost}, {kLeast}, {0}, {kLeast}), (Slice{{4}, {1}, {1}}));
  EXPECT_EQ(sliced({5, 6}, {0}, {1}, {1}, {kMost}), (Slice{{0, 0}, {5, 1}, {1, 1}}));
  EXPECT_EQ(sliced({0}, {0}, {5}, {0}, {-1}), (Slice{}));  // nothing to cut
}

TEST(ImportMovement, SliceThatCutsNothingIsTheOperand) {
  ImportCase slice("Slice", 9);
  slice.input({5}).attributes().integers("starts", {0}).integers("ends", {kMost});
  EXPECT_EQ(slice.run().value(), std::vector{slice.graph().inputs()[0]});
}

TEST(ImportMovement, SliceChecksItsLists) {
  ImportCase zero_step("Slice", 13);
  zero_step.input({5}).constant({0}).constant({5}).constant({0}).constant({0});
  EXPECT_EQ(zero_step.error(), ErrorCode::kBadModel);
  ImportCase uneven("Slice", 13);
  uneven.input({5}).constant({0, 0}).constant({5});
  EXPECT_EQ(uneven.error(), ErrorCode::kBadModel);
  ImportCase twice("Slice", 13);
  twice.input({5}).constant({0, 0}).constant({5, 5}).constant({0, -1});
  EXPECT_EQ(twice.error(), ErrorCode::kBadModel);
}

TEST(ImportMovement, SplitSharesOutUnevenly) {
  ImportCase newest("Split", 18);
  newest.input({7}).outputs(3).attributes().integer("num_outputs", 3);
  EXPECT_EQ(newest.lowered<Split>().sizes, (Ints{3, 3, 1}));
  ImportCase old("Split", 13);
  old.input({7}).outputs(3);
  EXPECT_EQ(old.error(), ErrorCode::kShapeMismatch);
  ImportCase listed("Split", 11);
  listed.input({7}).outputs(2).attributes().integers("split", {2, 5});
  EXPECT_EQ(listed.lowered<Split>().sizes, (Ints{2, 5}));
  ImportCase few("Split", 13);
  few.input({7}).constant({7}).outputs(2);
  EXPECT_EQ(few.error(), ErrorCode::kBadModel);
}

TEST(ImportMovement, PadReadsItsOperands) {
  ImportCase pad("Pad", 18);
  pad.input({2, 3}).constant({1, 2}).constant(Tensor::scalar(DType::kF32, 7)).constant({-1});
  EXPECT_EQ(pad.lowered<Pad>(), (Pad{{0, 1}, {0, 2}, PadMode::kConstant, 7}));
  ImportCase old("Pad", 2);
  old.input({3}).attributes().integers("pads", {1, 1}).string("mode", "reflect");
  EXPECT_EQ(old.lowered<Pad>(), (Pad{{1}, {1}, PadMode::kReflect, 0}));
  ImportCase unknown("Pad", 13);
  unknown.input({3}).constant({1, 1}).attributes().string("mode", "mirror");
  EXPECT_EQ(unknown.error(), ErrorCode::kBadModel);
  ImportCase short_list("Pad", 13);
  short_list.input({2, 3}).constant({1, 1});
  EXPECT_EQ(short_list.error(), ErrorCode::kBadModel);
}

TEST(ImportMovement, CenterCropPadKeepsTheCentre) {
  ImportCase crop("CenterCropPad", 18);
  crop.input({7, 4}).constant({4, 7});
  EXPECT_EQ(crop.lowered<Pad>(), (Pad{{-1, 1}, {-2, 2}, PadMode::kConstant, 0}));
}

TEST(ImportMovement, Col2ImIsATransposedConvolution) {
  ImportCase col2im("Col2Im", 18);
  col2im.input({1, 5, 5}).constant({5, 5}).constant({1, 5});
  EXPECT_EQ(col2im.lowered<ConvTranspose>().group, 1);
  EXPECT_EQ(col2im.graph().type(col2im.graph().nodes().back().outputs[0]).shape,
            (Shape{1, 1, 5, 5}));
  ImportCase wrong("Col2Im", 18);
  wrong.input({1, 5, 6}).constant({5, 5}).constant({1, 5});
  EXPECT_EQ(wrong.error(), ErrorCode::kShapeMismatch);
  ImportCase zero("Col2Im", 18);
  zero.input({1, 5, 5}).constant({5, 5}).constant({0, 5});
  EXPECT_EQ(zero.error(), ErrorCode::kBadModel);
}

TEST(ImportMovement, MissingOperandsAreErrors) {
  for (const char* op_type :
       {"Concat", "DepthToSpace", "Expand", "Flatten", "Pad", "Reshape", "Slice", "SpaceToDepth",
        "Split", "Squeeze", "Tile", "Transpose", "Trilu", "Unsqueeze", "CenterCropPad", "Col2Im"}) {
    const ErrorCode code = ImportCase(op_type, 20).error();
    EXPECT_TRUE(code == ErrorCode::kBadModel || code == ErrorCode::kShapeMismatch) << op_type;
  }
}

}  // namespace
}  // namespace nitro::onnx
