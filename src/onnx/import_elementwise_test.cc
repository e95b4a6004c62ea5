#include <gtest/gtest.h>

#include <cmath>

#include "onnx/import_case.h"

namespace nitro::onnx {
namespace {

TEST(ImportElementwise, ClipTakesBoundsFromAttributesThenOperands) {
  ImportCase old("Clip", 6);
  old.input({4}).attributes().number("min", -1).number("max", 2);
  EXPECT_EQ(old.lowered<Clip>(), (Clip{-1, 2}));

  ImportCase open("Clip", 13);
  open.input({4}).absent().constant(Tensor::scalar(DType::kF32, 6));
  EXPECT_EQ(open.lowered<Clip>(), (Clip{-INFINITY, 6}));
}

TEST(ImportElementwise, ClipToComputedBoundsIsMaxAndMin) {
  ImportCase clip("Clip", 13);
  clip.input({4}).input({}).input({});
  EXPECT_EQ(clip.lowered<Binary>().kind, BinaryKind::kMin);
  EXPECT_EQ(std::get<Binary>(clip.graph().node(0).op).kind, BinaryKind::kMax);
}

TEST(ImportElementwise, MeanDividesTheSum) {
  ImportCase mean("Mean", 13);
  mean.constant(Tensor::scalar(DType::kF32, 1))
      .constant(Tensor::scalar(DType::kF32, 2))
      .constant(Tensor::scalar(DType::kF32, 6));
  EXPECT_EQ(mean.folded(), std::vector{3.0});
}

TEST(ImportElementwise, VariadicOfOneIsTheOperand) {
  ImportCase sum("Sum", 13);
  sum.input({4});
  EXPECT_EQ(sum.run().value(), std::vector{sum.graph().inputs()[0]});
  EXPECT_EQ(ImportCase("Sum", 13).error(), ErrorCode::kBadModel);
}

TEST(ImportElementwise, GeluForms) {
  ImportCase standard("Gelu", 20);
  standard.input({2, 4}).attributes().string("approximate", "tanh");
  EXPECT_TRUE(standard.lowered<Gelu>().tanh);

  ImportCase biased("BiasGelu", 1, "com.microsoft");
  biased.input({2, 4}).input({4});
  EXPECT_FALSE(biased.lowered<Gelu>().tanh);
  EXPECT_EQ(biased.graph().node(0).inputs.size(), 2U);

  ImportCase fast("FastGelu", 1, "com.microsoft");
  fast.input({2, 4});
  EXPECT_TRUE(fast.lowered<Gelu>().tanh);

  ImportCase quick("QuickGelu", 1, "com.microsoft");
  quick.input({2, 4});
  EXPECT_EQ(quick.lowered<Activation>().kind, ActivationKind::kSwish);
  EXPECT_FLOAT_EQ(static_cast<float>(quick.lowered<Activation>().alpha), 1.702F);

  ImportCase wrong("Gelu", 20);
  wrong.input({2, 4}).attributes().string("approximate", "exact");
  EXPECT_EQ(wrong.error(), ErrorCode::kBadModel);
}

TEST(ImportElementwise, DropoutIsTheIdentityWithAFullMask) {
  ImportCase dropout("Dropout", 13);
  dropout.input({2, 3}).outputs(2);
  const auto values = dropout.run().value();
  EXPECT_EQ(values[0], dropout.graph().inputs()[0]);
  ASSERT_TRUE(dropout.graph().constant(values[1]));
  EXPECT_EQ(*dropout.graph().constant(values[1]),
            Tensor::of(DType::kBool, {2, 3}, std::vector<int64_t>(6, 1)));

  ImportCase training("Dropout", 13);
  training.input({2}).absent().constant(Tensor::of<int64_t>(DType::kBool, {}, {1}));
  EXPECT_EQ(training.error(), ErrorCode::kUnsupportedOp);
}

TEST(ImportElementwise, MissingOperandsAreErrors) {
  for (const char* op_type : {"Identity", "Dropout"}) {
    EXPECT_EQ(ImportCase(op_type, 13).error(), ErrorCode::kBadModel) << op_type;
  }
  for (const char* op_type : {"Relu", "Add", "Where", "Gelu", "Clip", "HardSwish"}) {
    EXPECT_EQ(ImportCase(op_type, 20).error(), ErrorCode::kShapeMismatch) << op_type;
  }
}

}  // namespace
}  // namespace nitro::onnx
