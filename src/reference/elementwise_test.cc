#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reference/evaluate_case.h"

namespace nitro::reference {
namespace {

using Values = std::vector<double>;

constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();

double unary(UnaryKind kind, double x) {
  return values_case(Unary{kind}, {Tensor::scalar(DType::kF64, x)})[0];
}

double activation(ActivationKind kind, double alpha, double beta, double x) {
  return values_case(Activation{kind, alpha, beta}, {Tensor::scalar(DType::kF64, x)})[0];
}

TEST(Unary, KnownValues) {
  EXPECT_EQ(unary(UnaryKind::kRound, 2.5), 2);
  EXPECT_EQ(unary(UnaryKind::kRound, -1.5), -2);
  EXPECT_EQ(unary(UnaryKind::kSign, -3), -1);
  EXPECT_DOUBLE_EQ(unary(UnaryKind::kSigmoid, 0), 0.5);
  EXPECT_DOUBLE_EQ(unary(UnaryKind::kSoftplus, 1000), 1000);
  EXPECT_DOUBLE_EQ(unary(UnaryKind::kSoftsign, -3), -0.75);
  EXPECT_DOUBLE_EQ(unary(UnaryKind::kHardSwish, 1), 4.0 / 6);
  EXPECT_EQ(unary(UnaryKind::kHardSwish, -4), 0);
  EXPECT_NEAR(unary(UnaryKind::kMish, 1), 0.8650983882673103, 1e-12);
  EXPECT_EQ(unary(UnaryKind::kIsNaN, std::nan("")), 1);
  EXPECT_TRUE(std::isnan(unary(UnaryKind::kRelu, std::nan(""))));
}

TEST(Unary, IntegersWrap) {
  const Tensor x = integers({2}, {kLowest, -5});
  EXPECT_EQ(evaluate_case(Unary{UnaryKind::kAbs}, {x}).value()[0], integers({2}, {kLowest, 5}));
  EXPECT_EQ(values_case(Unary{UnaryKind::kNot}, {integers({2}, {0, 1}, DType::kBool)}),
            (Values{1, 0}));
  EXPECT_EQ(values_case(Unary{UnaryKind::kBitwiseNot}, {integers({1}, {3}, DType::kU8)}),
            Values{252});
}

TEST(Activation, KnownValues) {
  EXPECT_DOUBLE_EQ(activation(ActivationKind::kLeakyRelu, 0.1, 0, -2), -0.2);
  EXPECT_DOUBLE_EQ(activation(ActivationKind::kElu, 2, 0, -1), 2 * (std::exp(-1) - 1));
  EXPECT_DOUBLE_EQ(activation(ActivationKind::kSelu, 2, 3, 1), 3);
  EXPECT_DOUBLE_EQ(activation(ActivationKind::kCelu, 2, 0, -1), 2 * (std::exp(-0.5) - 1));
  EXPECT_DOUBLE_EQ(activation(ActivationKind::kHardSigmoid, 0.5, 0.6, 9), 1);
  EXPECT_DOUBLE_EQ(activation(ActivationKind::kThresholdedRelu, 2, 0, 2), 0);
  EXPECT_DOUBLE_EQ(activation(ActivationKind::kShrink, 1, 0.5, -3), -2.5);
  EXPECT_DOUBLE_EQ(activation(ActivationKind::kSwish, 2, 0, 1), 1 / (1 + std::exp(-2)));
  EXPECT_EQ(activation(ActivationKind::kIsInf, 0, 1, -INFINITY), 0);
  EXPECT_EQ(activation(ActivationKind::kIsInf, 0, 1, INFINITY), 1);
}

TEST(Gelu, AddsTheBiasFirst) {
  const Values y = values_case(Gelu{}, {floats({2, 2}, {0, 1, 2, 3}), floats({2}, {1, -1})});
  EXPECT_NEAR(y[0], 0.8413447, 1e-6);
  EXPECT_EQ(y[1], 0);
  EXPECT_NEAR(y[2], 2.9959502, 1e-6);
  EXPECT_NEAR(values_case(Gelu{true}, {floats({}, {1})})[0], 0.8411920, 1e-6);
}

TEST(Clip, HasOpenBounds) {
  const Tensor x = integers({3}, {-100, 3, 100}, DType::kI8);
  EXPECT_EQ(values_case(Clip{-INFINITY, 6}, {x}), (Values{-100, 3, 6}));
  EXPECT_EQ(values_case(Clip{5, 2}, {floats({1}, {9})}), Values{2});
}

TEST(Binary, BroadcastsBothOperands) {
  const Values y =
      values_case(Binary{BinaryKind::kSub}, {floats({2, 1}, {10, 20}), floats({3}, {1, 2, 3})});
  EXPECT_EQ(y, (Values{9, 8, 7, 19, 18, 17}));
}

TEST(Binary, RemaindersDifferInSign) {
  const Tensor a = integers({4}, {7, -7, 7, -7});
  const Tensor b = integers({4}, {3, 3, -3, -3});
  EXPECT_EQ(values_case(Binary{BinaryKind::kMod}, {a, b}), (Values{1, 2, -2, -1}));
  EXPECT_EQ(values_case(Binary{BinaryKind::kFmod}, {a, b}), (Values{1, -1, 1, -1}));
  EXPECT_EQ(values_case(Binary{BinaryKind::kDiv}, {a, b}), (Values{2, -2, -2, 2}));
}

TEST(Binary, IntegerEdgesAreDefined) {
  const Tensor lowest = integers({1}, {kLowest});
  const Tensor minus_one = integers({1}, {-1});
  EXPECT_EQ(evaluate_case(Binary{BinaryKind::kDiv}, {lowest, minus_one}).value()[0], lowest);
  EXPECT_EQ(values_case(Binary{BinaryKind::kMod}, {lowest, minus_one}), Values{0});
  const auto by_zero = evaluate_case(Binary{BinaryKind::kDiv}, {lowest, integers({1}, {0})});
  ASSERT_FALSE(by_zero);
  EXPECT_EQ(by_zero.error().code, ErrorCode::kBadModel);
  EXPECT_EQ(values_case(Binary{BinaryKind::kPow},
                        {integers({3}, {3, -1, 2}), integers({3}, {4, -3, -1})}),
            (Values{81, -1, 0}));
  EXPECT_EQ(values_case(Binary{BinaryKind::kShiftLeft},
                        {integers({2}, {1, 3}, DType::kU8), integers({2}, {200, 7}, DType::kU8)}),
            (Values{0, 128}));
  EXPECT_EQ(values_case(Binary{BinaryKind::kShiftRight},
                        {integers({3}, {-9, -9, 9}), integers({3}, {1, -1, 99})}),
            (Values{-5, -1, 0}));
  EXPECT_EQ(values_case(Binary{BinaryKind::kSub},
                        {integers({1}, {1}, DType::kU8), integers({1}, {2}, DType::kU8)}),
            Values{255});
}

TEST(Binary, MinimumPropagatesNaN) {
  const Tensor a = floats({2}, {NAN, 1});
  const Tensor b = floats({2}, {1, NAN});
  for (BinaryKind kind : {BinaryKind::kMin, BinaryKind::kMax}) {
    for (double y : values_case(Binary{kind}, {a, b})) EXPECT_TRUE(std::isnan(y));
  }
}

TEST(Where, ChoosesByBroadcastCondition) {
  const Tensor condition = integers({2, 1}, {1, 0}, DType::kBool);
  EXPECT_EQ(values_case(Where{}, {condition, floats({2}, {1, 2}), floats({}, {9})}),
            (Values{1, 2, 9, 9}));
}

TEST(Cast, BoolIsWhatIsNotZero) {
  EXPECT_EQ(values_case(Cast{DType::kBool}, {floats({3}, {0, 0.25, -2})}), (Values{0, 1, 1}));
  EXPECT_EQ(values_case(Cast{DType::kI32}, {floats({2}, {-2.7, 3e9})}), (Values{-2, 2147483647}));
  EXPECT_EQ(values_case(Cast{DType::kF16}, {floats({1}, {2049})}), Values{2048});
}

}  // namespace
}  // namespace nitro::reference
