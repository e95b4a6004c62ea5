#include <gtest/gtest.h>

#include <cmath>

#include "reference/evaluate_case.h"

namespace nitro::reference {
namespace {

using Values = std::vector<double>;

TEST(MatMul, TransposesScalesAndBroadcasts) {
  const Tensor a = counting({2, 3});
  const Tensor b = counting({3, 2});
  EXPECT_EQ(values_case(MatMul{}, {a, b}), (Values{10, 13, 28, 40}));
  EXPECT_EQ(values_case(MatMul{true, true, 2}, {b, a}), (Values{20, 56, 26, 80}));
  EXPECT_EQ(values_case(MatMul{}, {counting({2, 1, 2}), floats({2, 1}, {1, 10})}),
            (Values{10, 32}));
}

TEST(MatMul, BlocksAgreeWithPlainLoops) {
  // Sizes around the blocks of the kernel, and deeper than one chunk.
  for (const int64_t inner : {1, 511, 513, 1030}) {
    const int64_t rows = 13, columns = 17;
    std::vector<double> a, b;
    for (int64_t i = 0; i < rows * inner; ++i) a.push_back(static_cast<double>(i * 7 % 19 - 9));
    for (int64_t i = 0; i < inner * columns; ++i) b.push_back(static_cast<double>(i * 5 % 23 - 11));
    const Values y = values_case(MatMul{}, {floats({rows, inner}, a), floats({inner, columns}, b)});
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t column = 0; column < columns; ++column) {
        double sum = 0;
        for (int64_t k = 0; k < inner; ++k) {
          sum += a[static_cast<size_t>(row * inner + k)] *
                 b[static_cast<size_t>(k * columns + column)];
        }
        EXPECT_EQ(y[static_cast<size_t>(row * columns + column)], sum) << inner;
      }
    }
  }
}

TEST(MatMul, IntegersAreExact) {
  const int64_t large = (int64_t{1} << 53) + 1;
  EXPECT_EQ(evaluate_case(MatMul{}, {integers({1, 1}, {large}), integers({1, 1}, {1})})->at(0),
            integers({1, 1}, {large}));
}

TEST(MatMul, EmptyOperands) {
  EXPECT_EQ(values_case(MatMul{}, {floats({2, 0}, {}), floats({0, 1}, {})}), (Values{0, 0}));
  EXPECT_EQ(values_case(MatMul{}, {floats({0, 2}, {}), floats({2, 1}, {1, 1})}), Values{});
}

TEST(Gemm, AddsTheScaledBias) {
  EXPECT_EQ(values_case(Gemm{false, false, 2, 0.5},
                        {counting({2, 2}), floats({2, 1}, {1, 2}), floats({2, 1}, {4, 8})}),
            (Values{6, 20}));
}

TEST(MatMulInteger, SubtractsZeroPoints) {
  EXPECT_EQ(
      values_case(MatMulInteger{},
                  {integers({1, 2}, {3, 5}, DType::kU8), integers({2, 2}, {1, 2, 3, 4}, DType::kU8),
                   integers({}, {1}, DType::kU8), integers({2}, {0, 4}, DType::kU8)}),
      (Values{14, -4}));
}

TEST(Einsum, DiagonalTraceAndBroadcast) {
  EXPECT_EQ(values_case(Einsum{"ii->i"}, {counting({2, 2})}), (Values{0, 3}));
  EXPECT_EQ(values_case(Einsum{"ii->"}, {counting({2, 2})}), (Values{3}));
  EXPECT_EQ(values_case(Einsum{"ij,kj->ik"}, {counting({2, 2}), floats({1, 1}, {2})}),
            (Values{2, 10}));
}

/// One convolution, dimension by dimension from its definition.
double convolved(const Values& x, const Values& w, int64_t length, int64_t at, const Conv& op) {
  double sum = 0;
  for (int64_t tap = 0; tap < static_cast<int64_t>(w.size()); ++tap) {
    const int64_t from = at * op.strides[0] - op.pads_before[0] + tap * op.dilations[0];
    if (from >= 0 && from < length) {
      sum += x[static_cast<size_t>(from)] * w[static_cast<size_t>(tap)];
    }
  }
  return sum;
}

TEST(Conv, StridesPadsAndDilations) {
  const Values x{1, 2, 3, 4, 5, 6, 7};
  const Values w{1, 10, 100};
  const Conv op{{2}, {2}, {3}, {1}, 1};
  const Values y = values_case(op, {floats({1, 1, 7}, x), floats({1, 1, 3}, w)});
  ASSERT_EQ(y.size(), 4U);
  for (size_t i = 0; i < y.size(); ++i) {
    EXPECT_EQ(y[i], convolved(x, w, 7, static_cast<int64_t>(i), op)) << i;
  }
}

TEST(Conv, GroupsAndBias) {
  const Conv op{{1, 1}, {1, 1}, {0, 0}, {0, 0}, 2};
  EXPECT_EQ(values_case(op, {counting({1, 2, 1, 2}), floats({2, 1, 1, 1}, {1, 10}),
                             floats({2}, {100, 200})}),
            (Values{100, 101, 220, 230}));
}

TEST(ConvTranspose, SpreadsEachElement) {
  const ConvTranspose op{{2}, {1}, {0}, {0}, {1}, 1};
  EXPECT_EQ(values_case(op, {floats({1, 1, 2}, {1, 2}), floats({1, 1, 3}, {1, 10, 100})}),
            (Values{1, 10, 102, 20, 200, 0}));
}

TEST(ConvInteger, PaddingIsTheZeroPoint) {
  const ConvInteger op{{1}, {1}, {1}, {0}, 1};
  EXPECT_EQ(values_case(op, {integers({1, 1, 2}, {5, 7}, DType::kU8),
                             integers({1, 1, 2}, {1, 2}, DType::kU8), integers({}, {5}, DType::kU8),
                             integers({1}, {0}, DType::kU8)}),
            (Values{0, 4}));
}

TEST(Attention, AveragesWhatIsVisible) {
  const Attention op{1, 1, 1, true};
  const Tensor q = floats({1, 2, 1}, {0, 0});
  const Tensor v = floats({1, 2, 1}, {2, 4});
  EXPECT_EQ(values_case(op, {q, q, v}), (Values{2, 3}));
  EXPECT_EQ(
      values_case(Attention{1, 1, 1}, {q, q, v, integers({2, 2}, {0, 1, 0, 0}, DType::kBool)}),
      (Values{4, 0}));
  EXPECT_EQ(values_case(Attention{1, 1, 1}, {q, q, v, floats({1, 2}, {0, -INFINITY})}),
            (Values{2, 2}));
}

TEST(Attention, RanksAndSharedHeadsAgree) {
  const Tensor q = counting({1, 2, 4});
  const Tensor k = counting({1, 3, 2});
  const Values flat = values_case(Attention{4, 2, 0.3, false, 5}, {q, k, k});
  const Values by_head =
      values_case(Attention{0, 0, 0.3, false, 5}, {floats({1, 4, 2, 1}, {0, 4, 1, 5, 2, 6, 3, 7}),
                                                   floats({1, 2, 3, 1}, {0, 2, 4, 1, 3, 5}),
                                                   floats({1, 2, 3, 1}, {0, 2, 4, 1, 3, 5})});
  ASSERT_EQ(flat.size(), 8U);
  for (size_t token = 0; token < 2; ++token) {
    for (size_t head = 0; head < 4; ++head) {
      EXPECT_EQ(flat[token * 4 + head], by_head[head * 2 + token]);
    }
  }
}

}  // namespace
}  // namespace nitro::reference
