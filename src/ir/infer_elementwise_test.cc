#include <gtest/gtest.h>

#include <cmath>

#include "ir/infer_case.h"

namespace nitro {
namespace {

TEST(InferElementwise, UnaryKeepsTheTypeAndChecksTheDtype) {
  EXPECT_EQ(shape_case(Unary{UnaryKind::kExp}, {{2, 3}}), (Shape{2, 3}));
  EXPECT_EQ(shape_case(Unary{UnaryKind::kExp}, {{2}}, DType::kI64), kMismatch);
  EXPECT_EQ(shape_case(Unary{UnaryKind::kNeg}, {{2}}, DType::kI64), (Shape{2}));
  EXPECT_EQ(shape_case(Unary{UnaryKind::kNeg}, {{2}}, DType::kBool), kMismatch);
  EXPECT_EQ(shape_case(Unary{UnaryKind::kNot}, {{2}}, DType::kF32), kMismatch);
  EXPECT_EQ(shape_case(Unary{UnaryKind::kBitwiseNot}, {{2}}, DType::kBool), kMismatch);
  EXPECT_EQ(shape_case(Unary{}, {}), kMismatch);
  EXPECT_EQ(shape_case(Unary{}, {{1}, {1}}), kMismatch);
}

TEST(InferElementwise, TestsGiveBool) {
  const TensorType x{DType::kF16, {4}};
  EXPECT_EQ(infer_case(Unary{UnaryKind::kIsNaN}, {x})->at(0).dtype, DType::kBool);
  EXPECT_EQ(infer_case(Activation{ActivationKind::kIsInf}, {x})->at(0).dtype, DType::kBool);
  EXPECT_EQ(infer_case(Binary{BinaryKind::kLess}, {x, x})->at(0).dtype, DType::kBool);
  EXPECT_EQ(infer_case(Binary{BinaryKind::kAdd}, {x, x})->at(0).dtype, DType::kF16);
}

TEST(InferElementwise, BinaryBroadcasts) {
  const Binary add{BinaryKind::kAdd};
  EXPECT_EQ(shape_case(add, {{3, 1, 5}, {4, 1}}), (Shape{3, 4, 5}));
  EXPECT_EQ(shape_case(add, {{}, {0, 2}}), (Shape{0, 2}));
  EXPECT_EQ(shape_case(add, {{3}, {4}}), kMismatch);
  EXPECT_EQ(shape_case(add, {{2}, {2}}, DType::kBool), kMismatch);
  EXPECT_FALSE(infer_case(add, {{DType::kF32, {}}, {DType::kF16, {}}}));
}

TEST(InferElementwise, PowMixesDtypesAndASlopeDoesNotEnlarge) {
  const auto power = infer_case(Binary{BinaryKind::kPow}, {{DType::kF32, {2}}, {DType::kI64, {}}});
  EXPECT_EQ(power.value(), (Types{{DType::kF32, {2}}}));
  EXPECT_EQ(shape_case(Binary{BinaryKind::kPRelu}, {{2, 3}, {3}}), (Shape{2, 3}));
  EXPECT_EQ(shape_case(Binary{BinaryKind::kPRelu}, {{3}, {2, 3}}), kMismatch);
}

TEST(InferElementwise, WhereBroadcastsAllThree) {
  const TensorType condition{DType::kBool, {3, 1}};
  const TensorType a{DType::kI64, {1, 4}};
  const TensorType b{DType::kI64, {2, 1, 1}};
  EXPECT_EQ(infer_case(Where{}, {condition, a, b}).value(), (Types{{DType::kI64, {2, 3, 4}}}));
  EXPECT_FALSE(infer_case(Where{}, {a, a, b}));
  EXPECT_FALSE(infer_case(Where{}, {condition, a, condition}));
}

TEST(InferElementwise, GeluBiasHasTheLastDimension) {
  EXPECT_EQ(shape_case(Gelu{}, {{2, 8}, {8}}), (Shape{2, 8}));
  EXPECT_EQ(shape_case(Gelu{}, {{2, 8}, {2}}), kMismatch);
  EXPECT_EQ(shape_case(Gelu{}, {{}, {1}}), kMismatch);
}

TEST(InferElementwise, ClipRefusesNaN) {
  EXPECT_EQ(shape_case(Clip{0, 6}, {{2}}), (Shape{2}));
  EXPECT_EQ(shape_case(Clip{std::nan(""), 6}, {{2}}), kMismatch);
}

}  // namespace
}  // namespace nitro
