#include <gtest/gtest.h>

#include <cmath>

#include "reference/evaluate_case.h"

namespace nitro::reference {
namespace {

using Values = std::vector<double>;

void expect_near(const Values& actual, const Values& wanted) {
  ASSERT_EQ(actual.size(), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(actual[i], wanted[i], 1e-6) << i;
}

TEST(LayerNormalization, GivesItsStatistics) {
  const auto y =
      evaluate_case(LayerNormalization{1, 0},
                    {floats({2, 2}, {1, 3, 10, 14}), floats({2}, {1, 2}), floats({2}, {5, 5})});
  ASSERT_TRUE(y);
  expect_near(y->at(0).as<double>(), {4, 7, 4, 7});
  expect_near(y->at(1).as<double>(), {2, 12});
  expect_near(y->at(2).as<double>(), {1, 0.5});
}

TEST(SkipLayerNormalization, GivesTheSum) {
  const auto y = evaluate_case(SkipLayerNormalization{0},
                               {floats({1, 2}, {1, 1}), floats({1, 2}, {0, 2}), floats({2}, {1, 1}),
                                floats({2}, {0, 0}), floats({2}, {10, 12})});
  ASSERT_TRUE(y);
  expect_near(y->at(0).as<double>(), {-1, 1});
  expect_near(y->at(1).as<double>(), {11, 15});
}

TEST(RMSNormalization, DividesByTheRoot) {
  expect_near(values_case(RMSNormalization{1, 0}, {floats({1, 2}, {3, 4}), floats({2}, {1, 2})}),
              {3 / std::sqrt(12.5), 8 / std::sqrt(12.5)});
}

TEST(GroupNormalization, ScalesPerChannel) {
  expect_near(values_case(GroupNormalization{1, 0},
                          {floats({1, 2, 1}, {1, 3}), floats({2}, {1, 10}), floats({2}, {0, 1})}),
              {-1, 11});
}

TEST(BatchNormalization, UsesGivenStatistics) {
  expect_near(values_case(BatchNormalization{0},
                          {floats({1, 2, 1}, {1, 3}), floats({2}, {2, 1}), floats({2}, {0, 1}),
                           floats({2}, {0, 1}), floats({2}, {4, 1})}),
              {1, 3});
}

TEST(LpNormalization, ZeroStaysZero) {
  expect_near(values_case(LpNormalization{0, 2}, {floats({2, 2}, {3, 0, 4, 0})}), {0.6, 0, 0.8, 0});
  expect_near(values_case(LpNormalization{1, 1}, {floats({1, 2}, {-1, 3})}), {-0.25, 0.75});
}

TEST(LRN, SumsNeighbouringChannels) {
  expect_near(values_case(LRN{3, 3, 1, 1}, {floats({1, 3, 1}, {1, 2, 3})}),
              {1.0 / 6, 2.0 / 15, 3.0 / 14});
}

TEST(Reduce, KindsAndAxes) {
  const Tensor x = floats({2, 3}, {1, -2, 3, 4, 5, -6});
  const auto reduced = [&](ReduceKind kind, Ints axes) {
    return values_case(Reduce{kind, std::move(axes), true}, {x});
  };
  EXPECT_EQ(reduced(ReduceKind::kSum, {0}), (Values{5, 3, -3}));
  EXPECT_EQ(reduced(ReduceKind::kMax, {1}), (Values{3, 5}));
  EXPECT_EQ(reduced(ReduceKind::kMin, {0, 1}), (Values{-6}));
  EXPECT_EQ(reduced(ReduceKind::kL1, {1}), (Values{6, 15}));
  EXPECT_EQ(reduced(ReduceKind::kProd, {1}), (Values{-6, -120}));
  EXPECT_EQ(reduced(ReduceKind::kSumSquare, {}), (Values{1, 4, 9, 16, 25, 36}));
  expect_near(reduced(ReduceKind::kLogSumExp, {0}),
              {std::log(std::exp(1) + std::exp(4)), std::log(std::exp(-2) + std::exp(5)),
               std::log(std::exp(3) + std::exp(-6))});
}

TEST(Reduce, EmptyAndInteger) {
  EXPECT_EQ(values_case(Reduce{ReduceKind::kProd, {0}, false}, {floats({0}, {})}), (Values{1}));
  EXPECT_EQ(values_case(Reduce{ReduceKind::kMax, {0}, false}, {floats({0}, {})}),
            (Values{-INFINITY}));
  const int64_t large = (int64_t{1} << 53) + 1;
  EXPECT_EQ(evaluate_case(Reduce{ReduceKind::kSum, {0}, false}, {integers({2}, {large, 2})})->at(0),
            integers({}, {large + 2}));
  EXPECT_EQ(values_case(Reduce{ReduceKind::kLogSumExp, {0}, false}, {floats({2}, {1000, -1000})}),
            (Values{1000}));
}

TEST(Pool, PaddingDoesNotCountUnlessAsked) {
  Pool op{PoolKind::kAverage, {2}, {1}, {1}, {1}, {0}, {3}};
  const Tensor x = floats({1, 1, 3}, {2, 4, 6});
  EXPECT_EQ(values_case(op, {x}), (Values{2, 3, 5}));
  op.count_padding = true;
  EXPECT_EQ(values_case(op, {x}), (Values{1, 3, 5}));
}

TEST(Pool, LastWindowOfCeilModeIsCut) {
  const Pool op{PoolKind::kAverage, {2}, {2}, {1}, {0}, {0}, {2}, true};
  EXPECT_EQ(values_case(op, {floats({1, 1, 3}, {2, 4, 6})}), (Values{3, 6}));
}

TEST(Pool, IndicesOfMaximaCountThroughTheTensor) {
  Pool op{PoolKind::kMax, {2, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {1, 2}};
  const Tensor x = floats({1, 2, 2, 2}, {1, 5, 3, 2, 8, 8, 8, 9});
  const auto y = evaluate_case(op, {x});
  EXPECT_EQ(y->at(0).as<double>(), (Values{3, 5, 8, 9}));
  EXPECT_EQ(y->at(1), integers({1, 2, 1, 2}, {2, 1, 4, 7}));
  op.columns_first = true;
  EXPECT_EQ(evaluate_case(op, {x})->at(1), integers({1, 2, 1, 2}, {1, 2, 4, 7}));
}

TEST(Pool, HugeKernelsVisitOnlyTheInput) {
  const int64_t huge = (int64_t{1} << 31) - 1;
  const Pool op{PoolKind::kMax, {huge}, {1}, {1}, {huge}, {huge}, {2}};
  EXPECT_EQ(values_case(op, {floats({1, 1, 2}, {7, 9})}), (Values{-INFINITY, 7}));
}

}  // namespace
}  // namespace nitro::reference
