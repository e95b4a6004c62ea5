#include <gtest/gtest.h>

#include "cost/cost_case.h"

namespace nitro::cost {
namespace {

TEST(CostIndexing, GatherReadsOnlyItsRows) {
  const Cost gather = cost_case(Gather{0}, {{DType::kF32, {50000, 16}}, {DType::kI64, {2}}});
  EXPECT_EQ(gather.flops, 0);
  EXPECT_EQ(gather.bytes_read, 2 * 16 * 4 + 2 * 8);
  EXPECT_EQ(gather.bytes_written, 2 * 16 * 4);
}

TEST(CostIndexing, ReducingScatterCountsItsUpdates) {
  const std::vector<TensorType> operands{
      {DType::kF32, {10}}, {DType::kI64, {3}}, {DType::kF32, {3}}};
  EXPECT_EQ(cost_case(ScatterElements{0, ScatterReduction::kAdd}, operands).flops, 3);
  EXPECT_EQ(cost_case(ScatterElements{0, ScatterReduction::kNone}, operands).flops, 0);
}

TEST(CostIndexing, TopKWritesValuesAndIndices) {
  const Cost top = cost_case(TopK{0, 4}, {{DType::kF32, {100}}});
  EXPECT_EQ(top.flops, 200);
  EXPECT_EQ(top.bytes_written, 4 * 4 + 4 * 8);
}

}  // namespace
}  // namespace nitro::cost
