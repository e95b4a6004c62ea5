#include <gtest/gtest.h>

#include "ir/op.h"

namespace nitro {
namespace {

TEST(DisplayName, IsTheNameOfOnnx) {
  EXPECT_EQ(display_name(Unary{UnaryKind::kSigmoid}), "Sigmoid");
  EXPECT_EQ(display_name(Unary{UnaryKind::kBitwiseNot}), "BitwiseNot");
  EXPECT_EQ(display_name(Activation{ActivationKind::kIsInf}), "IsInf");
  EXPECT_EQ(display_name(Binary{BinaryKind::kFmod}), "Mod");
  EXPECT_EQ(display_name(Binary{BinaryKind::kShiftRight}), "BitShift");
  EXPECT_EQ(display_name(Reduce{.kind = ReduceKind::kMean, .axes = {}}), "ReduceMean");
  Pool pool;
  pool.kind = PoolKind::kLp;
  EXPECT_EQ(display_name(pool), "LpPool");
  EXPECT_EQ(display_name(Softmax{0, true}), "LogSoftmax");
  EXPECT_EQ(display_name(ArgReduce{false}), "ArgMin");
  EXPECT_EQ(display_name(Conv{}), "Conv");
  EXPECT_EQ(display_name(Opaque{"ai.example", "Magic", {}, {}}), "ai.example.Magic");
  EXPECT_EQ(display_name(Opaque{"", "Loop", {}, {}}), "Loop");
}

}  // namespace
}  // namespace nitro
