#include "zoo/neighborhood_attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace nitro::zoo {
namespace {

constexpr int64_t kTile = 7, kNear = 7, kSpan = 13;

/// The number in the order of 7x7 tiles.
int64_t tiled(int64_t row, int64_t column, int64_t side) {
  return (row / kTile * (side / kTile) + column / kTile) * kTile * kTile + row % kTile * kTile +
         column % kTile;
}

int64_t first_neighbor(int64_t at, int64_t side) {
  return std::min(std::max<int64_t>(at - kNear / 2, 0), side - kNear);
}

/// What NATTEN lets a query see: its neighbours, with the place of each in the table of biases.
std::map<int64_t, int64_t> expected_neighbors(int64_t row, int64_t column, int64_t side) {
  std::map<int64_t, int64_t> expected;
  for (int64_t i = 0; i < kNear * kNear; ++i) {
    const int64_t key_row = first_neighbor(row, side) + i / kNear;
    const int64_t key_column = first_neighbor(column, side) + i % kNear;
    expected[tiled(key_row, key_column, side)] =
        (key_row - row + kNear - 1) * kSpan + key_column - column + kNear - 1;
  }
  return expected;
}

TEST(NeighborhoodTables, EachQuerySeesItsNeighborsOnce) {
  for (const int64_t side : {14, 21, 56}) {
    const NeighborhoodTables tables = neighborhood_tables(side);
    const auto keys = tables.keys.as<double>();
    const auto places = tables.places.as<double>();
    const auto mask = tables.mask.as<double>();
    for (int64_t row = 0; row < side; ++row) {
      for (int64_t column = 0; column < side; ++column) {
        const int64_t query = tiled(row, column, side);
        std::map<int64_t, int64_t> seen;
        for (int64_t key = 0; key < kSpan * kSpan; ++key) {
          const auto at = static_cast<size_t>(query * kSpan * kSpan + key);
          const auto entry = static_cast<size_t>(query / (kTile * kTile) * kSpan * kSpan + key);
          if (mask[at] == 0)
            EXPECT_TRUE(seen.emplace(keys[entry], places[at]).second);
          else
            EXPECT_EQ(mask[at], -INFINITY);
        }
        ASSERT_EQ(seen, expected_neighbors(row, column, side)) << row << ", " << column;
      }
    }
  }
}

TEST(NeighborhoodTables, IndicesAreInRange) {
  const NeighborhoodTables tables = neighborhood_tables(28);
  const auto places = tables.places.as<double>();
  EXPECT_GE(std::ranges::min(places), 0);
  EXPECT_LT(std::ranges::max(places), kSpan * kSpan);
  const auto keys = tables.keys.as<double>();
  EXPECT_GE(std::ranges::min(keys), 0);
  EXPECT_LT(std::ranges::max(keys), 28 * 28);
}

}  // namespace
}  // namespace nitro::zoo
