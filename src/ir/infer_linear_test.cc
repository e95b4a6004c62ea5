#include <gtest/gtest.h>

#include "ir/einsum_terms.h"
#include "ir/infer_case.h"

namespace nitro {
namespace {

const Ints kOnes{1, 1};
const Ints kZeros{0, 0};

TEST(InferMatMul, BroadcastsAndTransposes) {
  EXPECT_EQ(shape_case(MatMul{}, {{5, 1, 2, 3}, {4, 3, 7}}), (Shape{5, 4, 2, 7}));
  EXPECT_EQ(shape_case(MatMul{true, true, 1}, {{3, 2}, {7, 3}}), (Shape{2, 7}));
  EXPECT_EQ(shape_case(MatMul{}, {{2, 3}, {4, 7}}), kMismatch);
  EXPECT_EQ(shape_case(MatMul{}, {{3}, {3, 7}}), kMismatch);
  EXPECT_EQ(shape_case(MatMul{}, {{2, 2, 3}, {3, 3, 7}}), kMismatch);
  EXPECT_EQ(shape_case(MatMul{}, {{2, 3}, {3, 7}}, DType::kBool), kMismatch);
  EXPECT_EQ(shape_case(MatMul{}, {}), kMismatch);
}

TEST(InferGemm, BiasBroadcastsToTheProduct) {
  EXPECT_EQ(shape_case(Gemm{}, {{2, 3}, {3, 7}, {7}}), (Shape{2, 7}));
  EXPECT_EQ(shape_case(Gemm{}, {{2, 3}, {3, 7}, {4, 2, 7}}), kMismatch);
  EXPECT_EQ(shape_case(Gemm{}, {{1, 3}, {3, 7}, {5, 7}}), kMismatch);
}

TEST(InferEinsum, ChecksTheEquation) {
  EXPECT_EQ(shape_case(Einsum{"bij,bjk->bik"}, {{2, 3, 4}, {2, 4, 5}}), (Shape{2, 3, 5}));
  EXPECT_EQ(shape_case(Einsum{"bij,bjk->bik"}, {{1, 3, 4}, {2, 4, 5}}), (Shape{2, 3, 5}));
  EXPECT_EQ(shape_case(Einsum{"ii->i"}, {{3, 3}}), (Shape{3}));
  EXPECT_EQ(shape_case(Einsum{"ii->i"}, {{3, 4}}), kMismatch);
  EXPECT_EQ(shape_case(Einsum{"ij,jk->ik"}, {{3, 4}}), kMismatch);
  for (const char* malformed :
       {"", "ij", "i j->ij", "ij->ik", "ij->ii", "...i->i", "->i", "ij-ji"}) {
    EXPECT_FALSE(parse_einsum(malformed)) << malformed;
  }
}

TEST(InferConv, PadsStridesAndDilations) {
  const Conv op{{2, 1}, {1, 2}, {1, 2}, {1, 2}, 1};
  EXPECT_EQ(shape_case(op, {{1, 3, 224, 20}, {8, 3, 3, 3}, {8}}), (Shape{1, 8, 112, 20}));
  EXPECT_EQ(shape_case(op, {{1, 4, 224, 20}, {8, 3, 3, 3}}), kMismatch);
  EXPECT_EQ(shape_case(op, {{1, 3, 224, 20}, {8, 3, 3, 3}, {7}}), kMismatch);
  EXPECT_EQ(shape_case(op, {{1, 3, 224}, {8, 3, 3}}), kMismatch);
}

TEST(InferConv, RejectsWhatWouldDivideByZeroOrOverflow) {
  const std::vector<Shape> operands{{1, 2, 4, 4}, {2, 2, 3, 3}};
  EXPECT_EQ(shape_case(Conv{{0, 1}, kOnes, kZeros, kZeros, 1}, operands), kMismatch);
  EXPECT_EQ(shape_case(Conv{kOnes, {0, 1}, kZeros, kZeros, 1}, operands), kMismatch);
  EXPECT_EQ(shape_case(Conv{kOnes, kOnes, {-1, 0}, kZeros, 1}, operands), kMismatch);
  EXPECT_EQ(shape_case(Conv{kOnes, kOnes, kZeros, kZeros, 0}, operands), kMismatch);
  EXPECT_EQ(shape_case(Conv{kOnes, {1, INT64_MAX}, kZeros, kZeros, 1}, operands), kMismatch);
  EXPECT_EQ(shape_case(Conv{kOnes, kOnes, {0, INT64_MAX}, kZeros, 1}, operands), kMismatch);
  EXPECT_EQ(shape_case(Conv{kOnes, {2, 1}, kZeros, kZeros, 1}, operands), kMismatch);
  EXPECT_EQ(shape_case(Conv{{1}, {1}, {0}, {0}, 1}, operands), kMismatch);
}

TEST(InferConvTranspose, InvertsConv) {
  const ConvTranspose op{{2, 2}, kOnes, kOnes, kOnes, kOnes, 2};
  EXPECT_EQ(shape_case(op, {{1, 4, 5, 5}, {4, 3, 3, 3}, {6}}), (Shape{1, 6, 10, 10}));
  const ConvTranspose padded{kOnes, kOnes, {9, 9}, {9, 9}, kZeros, 1};
  EXPECT_EQ(shape_case(padded, {{1, 1, 3, 3}, {1, 1, 3, 3}}), kMismatch);
}

TEST(InferAttention, BothRanks) {
  const Attention flat{8, 2};
  EXPECT_EQ(shape_case(flat, {{1, 5, 64}, {1, 7, 16}, {1, 7, 24}}), (Shape{1, 5, 96}));
  EXPECT_EQ(shape_case(Attention{}, {{1, 8, 5, 8}, {1, 2, 7, 8}, {1, 2, 7, 3}}),
            (Shape{1, 8, 5, 3}));
  EXPECT_EQ(shape_case(Attention{}, {{1, 5, 64}, {1, 7, 64}, {1, 7, 64}}), kMismatch);
  EXPECT_EQ(shape_case(Attention{8, 3}, {{1, 5, 64}, {1, 7, 24}, {1, 7, 24}}), kMismatch);
  EXPECT_EQ(shape_case(Attention{8, 8}, {{1, 5, 64}, {2, 7, 64}, {2, 7, 64}}), kMismatch);
  EXPECT_EQ(shape_case(Attention{8, 8}, {{1, 5, 64}, {1, 7, 64}, {1, 7, 64}, {1, 8, 5, 6}}),
            kMismatch);
}

TEST(InferMatMulInteger, ZeroPointsPerRowAndColumn) {
  const DType u8 = DType::kU8;
  EXPECT_EQ(infer_case(MatMulInteger{}, {{u8, {2, 3}}, {u8, {3, 4}}, {u8, {2}}, {u8, {4}}})->at(0),
            (TensorType{DType::kI32, {2, 4}}));
  EXPECT_FALSE(infer_case(MatMulInteger{}, {{u8, {2, 3}}, {u8, {3, 4}}, {u8, {3}}, {u8, {4}}}));
}

}  // namespace
}  // namespace nitro
