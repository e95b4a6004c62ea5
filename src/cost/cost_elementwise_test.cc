#include <gtest/gtest.h>

#include "cost/cost_case.h"

namespace nitro::cost {
namespace {

TEST(CostElementwise, CountsPerElement) {
  const Cost sigmoid = cost_case(Unary{UnaryKind::kSigmoid}, {{DType::kF16, {10, 10}}});
  EXPECT_EQ(sigmoid.flops, 400);
  EXPECT_EQ(sigmoid.bytes_read, 200);
  EXPECT_EQ(sigmoid.bytes_written, 200);
}

TEST(CostElementwise, ABroadcastOperandIsReadOnce) {
  const Cost add =
      cost_case(Binary{BinaryKind::kAdd}, {{DType::kF32, {8, 16}}, {DType::kF32, {16}}});
  EXPECT_EQ(add.flops, 128);
  EXPECT_EQ(add.bytes_read, 4 * (128 + 16));
  EXPECT_EQ(add.bytes_written, 4 * 128);
}

TEST(CostElementwise, ComparisonsWriteBytes) {
  const TensorType x{DType::kF32, {100}};
  EXPECT_EQ(cost_case(Binary{BinaryKind::kLess}, {x, x}).bytes_written, 100);
}

TEST(CostElementwise, CastOnlyMoves) {
  const Cost cast = cost_case(Cast{DType::kF16}, {{DType::kF32, {100}}});
  EXPECT_EQ(cast.flops, 0);
  EXPECT_EQ(cast.bytes(), 600);
}

}  // namespace
}  // namespace nitro::cost
