#include <gtest/gtest.h>

#include <numeric>

#include "reference/evaluate_case.h"

namespace nitro::reference {
namespace {

using Values = std::vector<double>;

TEST(Movement, TransposeMatchesIndexing) {
  const Values y = values_case(Transpose{{2, 0, 1}}, {counting({2, 3, 4})});
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = 0; j < 2; ++j) {
      for (size_t k = 0; k < 3; ++k) {
        EXPECT_EQ(y[(i * 2 + j) * 3 + k], static_cast<double>((j * 3 + k) * 4 + i));
      }
    }
  }
}

TEST(Movement, LargeTransposeIsUndoneByItsInverse) {
  const Tensor x = counting({31, 53, 7, 29});  // enough rows for every thread
  const Tensor y = evaluate_case(Transpose{{3, 1, 0, 2}}, {x}).value()[0];
  EXPECT_EQ(evaluate_case(Transpose{{2, 1, 3, 0}}, {y}).value()[0], x);
}

TEST(Movement, ScalarsHaveNoAxes) {
  EXPECT_EQ(values_case(Transpose{}, {floats({}, {5})}), Values{5});
  EXPECT_EQ(values_case(Expand{{2, 2}}, {floats({}, {5})}), (Values{5, 5, 5, 5}));
  EXPECT_EQ(values_case(Slice{}, {floats({}, {5})}), Values{5});
  EXPECT_EQ(values_case(Pad{}, {floats({}, {5})}), Values{5});
  EXPECT_EQ(values_case(Tile{}, {floats({}, {5})}), Values{5});
}

TEST(Movement, EmptyTensorsStayEmpty) {
  EXPECT_TRUE(values_case(Transpose{{1, 0}}, {counting({0, 3})}).empty());
  EXPECT_TRUE(values_case(Expand{{0, 3}}, {counting({1, 3})}).empty());
  EXPECT_TRUE(values_case(Slice{{0, 0}, {0, 3}, {1, 1}}, {counting({2, 3})}).empty());
  EXPECT_EQ(values_case(Concat{0}, {counting({0, 2}), counting({1, 2})}), (Values{0, 1}));
  EXPECT_EQ(values_case(Pad{{1}, {1}}, {counting({0})}), (Values{0, 0}));
}

TEST(Movement, SliceStepsBackwards) {
  EXPECT_EQ(values_case(Slice{{1, 3}, {2, 2}, {-1, -2}}, {counting({2, 4})}), (Values{7, 5, 3, 1}));
}

TEST(Movement, ConcatAndSplitAreInverse) {
  const Tensor x = counting({2, 5, 2});
  const std::vector<Tensor> parts = evaluate_case(Split{1, {1, 0, 4}}, {x}).value();
  EXPECT_EQ(parts[0].as<double>(), (Values{0, 1, 10, 11}));
  EXPECT_EQ(evaluate_case(Concat{1}, parts).value()[0], x);
}

TEST(Movement, PadModes) {
  const Tensor x = floats({3}, {1, 2, 3});
  EXPECT_EQ(values_case(Pad{{2}, {1}, PadMode::kConstant, 9}, {x}), (Values{9, 9, 1, 2, 3, 9}));
  EXPECT_EQ(values_case(Pad{{2}, {1}, PadMode::kEdge}, {x}), (Values{1, 1, 1, 2, 3, 3}));
  EXPECT_EQ(values_case(Pad{{2}, {3}, PadMode::kReflect}, {x}), (Values{3, 2, 1, 2, 3, 2, 1, 2}));
  EXPECT_EQ(values_case(Pad{{2}, {4}, PadMode::kWrap}, {x}), (Values{2, 3, 1, 2, 3, 1, 2, 3, 1}));
  EXPECT_EQ(values_case(Pad{{2}, {2}, PadMode::kReflect}, {floats({1}, {7})}),
            (Values{7, 7, 7, 7, 7}));
  EXPECT_EQ(values_case(Pad{{-1}, {1}}, {x}), (Values{2, 3, 0}));
}

TEST(Movement, PadWorksPerAxis) {
  EXPECT_EQ(values_case(Pad{{1, 0}, {0, 1}, PadMode::kConstant, -1}, {counting({2, 2})}),
            (Values{-1, -1, -1, 0, 1, -1, 2, 3, -1}));
}

TEST(Movement, TileRepeatsWholeAxes) {
  EXPECT_EQ(values_case(Tile{{2, 2}}, {counting({1, 2})}), (Values{0, 1, 0, 1, 0, 1, 0, 1}));
}

TEST(Movement, DepthToSpaceModes) {
  const Tensor x = counting({1, 8, 1, 1});
  EXPECT_EQ(values_case(DepthToSpace{2, false}, {x}), (Values{0, 2, 4, 6, 1, 3, 5, 7}));
  EXPECT_EQ(values_case(DepthToSpace{2, true}, {x}), (Values{0, 1, 2, 3, 4, 5, 6, 7}));
  const Tensor y = evaluate_case(DepthToSpace{2, false}, {x}).value()[0];
  EXPECT_EQ(evaluate_case(SpaceToDepth{2}, {y}).value()[0], x);
}

TEST(Movement, TriluTakesAnyDiagonal) {
  const Tensor x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(values_case(Trilu{true, 1}, {x}), (Values{0, 2, 3, 0, 0, 6}));
  EXPECT_EQ(values_case(Trilu{false, 0}, {x}), (Values{1, 0, 0, 4, 5, 0}));
  EXPECT_EQ(values_case(Trilu{true, INT64_MIN}, {x}), (Values{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(values_case(Trilu{true, INT64_MAX}, {x}), (Values{0, 0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace nitro::reference
