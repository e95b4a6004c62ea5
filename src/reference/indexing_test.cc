#include <gtest/gtest.h>

#include <cmath>

#include "reference/evaluate_case.h"

namespace nitro::reference {
namespace {

using Values = std::vector<double>;

void expect_bad_model(const Op& op, const std::vector<Tensor>& inputs) {
  const auto result = evaluate_case(op, inputs);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kBadModel);
}

TEST(Indexing, GatherTakesSlices) {
  const Tensor x = counting({2, 3});
  EXPECT_EQ(values_case(Gather{1}, {x, integers({2}, {2, -3})}), (Values{2, 0, 5, 3}));
  EXPECT_EQ(values_case(Gather{0}, {x, integers({}, {1})}), (Values{3, 4, 5}));
  expect_bad_model(Gather{1}, {x, integers({1}, {3})});
  expect_bad_model(Gather{1}, {x, integers({1}, {-4})});
}

TEST(Indexing, GatherElementsAddressesInPlace) {
  const Tensor x = counting({2, 3});
  EXPECT_EQ(values_case(GatherElements{1}, {x, integers({2, 2}, {2, 0, -1, 1})}),
            (Values{2, 0, 5, 4}));
  EXPECT_EQ(values_case(GatherElements{0}, {x, integers({1, 2}, {1, 0})}), (Values{3, 1}));
  expect_bad_model(GatherElements{0}, {x, integers({1, 1}, {2})});
}

TEST(Indexing, GatherNDTakesTuplesPerBatch) {
  const Tensor x = counting({2, 2, 2});
  EXPECT_EQ(values_case(GatherND{0}, {x, integers({2, 2}, {0, 1, 1, 0})}), (Values{2, 3, 4, 5}));
  EXPECT_EQ(values_case(GatherND{1}, {x, integers({2, 1}, {1, 0})}), (Values{2, 3, 4, 5}));
  expect_bad_model(GatherND{0}, {x, integers({1, 3}, {0, 0, 2})});
}

TEST(Indexing, ScatterElementsReduces) {
  const Tensor x = floats({3}, {1, 2, 3});
  const Tensor indices = integers({2}, {1, -2});
  const Tensor updates = floats({2}, {10, 20});
  const auto scatter = [&](ScatterReduction reduction) {
    return values_case(ScatterElements{0, reduction}, {x, indices, updates});
  };
  EXPECT_EQ(scatter(ScatterReduction::kNone), (Values{1, 20, 3}));
  EXPECT_EQ(scatter(ScatterReduction::kAdd), (Values{1, 32, 3}));
  EXPECT_EQ(scatter(ScatterReduction::kMul), (Values{1, 400, 3}));
  EXPECT_EQ(scatter(ScatterReduction::kMin), (Values{1, 2, 3}));
  EXPECT_EQ(scatter(ScatterReduction::kMax), (Values{1, 20, 3}));
  expect_bad_model(ScatterElements{0}, {x, integers({2}, {0, 3}), updates});
}

TEST(Indexing, ScatterNDWritesSlices) {
  EXPECT_EQ(
      values_case(ScatterND{}, {counting({3, 2}), integers({1, 1}, {2}), floats({1, 2}, {8, 9})}),
      (Values{0, 1, 2, 3, 8, 9}));
}

TEST(Indexing, OneHotCountsNegativeIndicesFromTheEnd) {
  const Tensor values = floats({2}, {0, 5});
  EXPECT_EQ(values_case(OneHot{1, 3}, {integers({3}, {1, -1, 3}), values}),
            (Values{0, 5, 0, 0, 0, 5, 0, 0, 0}));
  EXPECT_EQ(values_case(OneHot{0, 2}, {integers({2}, {1, 0}), values}), (Values{0, 5, 5, 0}));
}

TEST(Indexing, TopKKeepsTheOrderOfEqualElements) {
  const Tensor x = floats({2, 4}, {1, 3, 3, 2, 4, 4, 0, 4});
  const auto best = evaluate_case(TopK{1, 2, true}, {x}).value();
  EXPECT_EQ(best[0].as<double>(), (Values{3, 3, 4, 4}));
  EXPECT_EQ(best[1].as<double>(), (Values{1, 2, 0, 1}));
  EXPECT_EQ(values_case(TopK{0, 1, false}, {x}), (Values{1, 3, 0, 2}));
}

TEST(Indexing, TopKPutsNaNOnTop) {
  const auto best = evaluate_case(TopK{0, 3, true}, {floats({4}, {NAN, 1, NAN, 2})}).value();
  EXPECT_EQ(best[1].as<double>(), (Values{0, 2, 3}));
}

TEST(Indexing, ArgReduceBreaksTies) {
  const Tensor x = floats({2, 3}, {1, 5, 5, 2, 0, 0});
  EXPECT_EQ(values_case(ArgReduce{true, 1, false, false}, {x}), (Values{1, 0}));
  EXPECT_EQ(values_case(ArgReduce{true, 1, false, true}, {x}), (Values{2, 0}));
  EXPECT_EQ(values_case(ArgReduce{false, 0, true, false}, {x}), (Values{0, 1, 1}));
}

TEST(Indexing, CumSumDirections) {
  const Tensor x = floats({3}, {1, 2, 3});
  EXPECT_EQ(values_case(CumSum{0, false, false}, {x}), (Values{1, 3, 6}));
  EXPECT_EQ(values_case(CumSum{0, true, false}, {x}), (Values{0, 1, 3}));
  EXPECT_EQ(values_case(CumSum{0, false, true}, {x}), (Values{6, 5, 3}));
  EXPECT_EQ(values_case(CumSum{0, true, true}, {x}), (Values{5, 3, 0}));
  EXPECT_EQ(values_case(CumSum{0}, {counting({2, 3})}), (Values{0, 1, 2, 3, 5, 7}));
}

TEST(Indexing, ReverseSequenceTurnsThePrefix) {
  const Tensor x = counting({3, 2});
  const Tensor lengths = integers({2}, {1, 3});
  EXPECT_EQ(values_case(ReverseSequence{1, 0}, {x, lengths}), (Values{0, 5, 2, 3, 4, 1}));
  EXPECT_EQ(values_case(ReverseSequence{0, 1}, {counting({2, 3}), lengths}),
            (Values{0, 1, 2, 5, 4, 3}));
  expect_bad_model(ReverseSequence{1, 0}, {x, integers({2}, {1, 4})});
}

}  // namespace
}  // namespace nitro::reference
