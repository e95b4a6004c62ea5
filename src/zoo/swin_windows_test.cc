#include "zoo/swin_windows.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace nitro::zoo {
namespace {

TEST(SwinWindows, IndexOfPositionsIsThatOfTheOffset) {
  const Tensor index = relative_position_index();
  const auto values = index.data<int64_t>();
  ASSERT_EQ(index.shape(), (Shape{49 * 49}));
  const auto at = [&](size_t from, size_t to) { return values[from * 49 + to]; };
  EXPECT_EQ(at(0, 0), 6 * 13 + 6);
  EXPECT_EQ(at(0, 48), 0);
  EXPECT_EQ(at(48, 0), 168);
  EXPECT_EQ(at(0, 1), 6 * 13 + 5);
  EXPECT_EQ(at(7, 0), 7 * 13 + 6);
  EXPECT_EQ(std::ranges::min(values), 0);
  EXPECT_EQ(std::ranges::max(values), 168);
}

TEST(SwinWindows, MaskSeparatesWhatTheRollJoined) {
  const Tensor mask = shift_mask(14);
  ASSERT_EQ(mask.shape(), (Shape{4, 49, 49}));
  const auto values = mask.data<float>();
  const auto at = [&](size_t window, size_t from, size_t to) {
    return values[(window * 49 + from) * 49 + to];
  };
  const auto first = values.first(49 * 49);
  EXPECT_EQ(std::ranges::count(first, 0.0F), 49 * 49) << "no border crosses the first window";
  EXPECT_EQ(at(1, 3, 4), -100) << "columns 10 and 11 of the rolled map";
  EXPECT_EQ(at(1, 4, 3), -100);
  EXPECT_EQ(at(1, 3, 45), 0);
  EXPECT_EQ(at(2, 3 * 7, 4 * 7), -100) << "rows 10 and 11";
  EXPECT_EQ(at(2, 0, 6), 0);
  EXPECT_EQ(at(3, 0, 48), -100);
}

}  // namespace
}  // namespace nitro::zoo
