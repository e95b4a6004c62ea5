#include "plan/matrix_view.h"

#include <gtest/gtest.h>

#include <numeric>

namespace nitro::plan {
namespace {

struct Viewed {
  std::optional<MatrixView> view;
  std::vector<std::vector<int64_t>> tables;
};

Viewed viewed(const MatrixPlaces& places) {
  Viewed result;
  result.view = matrix_view(7, places, [&](std::vector<int64_t> table) {
    result.tables.push_back(std::move(table));
    return static_cast<BufferId>(100 + result.tables.size());
  });
  return result;
}

MatrixPlaces rows(int64_t count, int64_t columns) {
  MatrixPlaces places;
  for (int64_t row = 0; row < count; ++row) places.bases.push_back(row * columns);
  places.offsets.resize(static_cast<size_t>(columns));
  std::iota(places.offsets.begin(), places.offsets.end(), 0);
  return places;
}

TEST(MatrixView, PlainRowsNeedNoTables) {
  const Viewed plain = viewed(rows(5, 24));
  ASSERT_TRUE(plain.view);
  EXPECT_EQ(*plain.view, (MatrixView{.buffer = 7, .row_stride = 24, .run = 8}));
  EXPECT_TRUE(plain.tables.empty());
}

TEST(MatrixView, RunsFitRowsAndColumns) {
  EXPECT_EQ(viewed(rows(5, 12)).view->run, 4);
  EXPECT_EQ(viewed(rows(5, 6)).view->run, 2);
  EXPECT_EQ(viewed(rows(5, 7)).view->run, 1);
  MatrixPlaces misaligned = rows(5, 16);
  for (int64_t& base : misaligned.bases) base += 4;
  EXPECT_EQ(viewed(misaligned).view->run, 4);
  MatrixPlaces cut = rows(5, 16);
  for (size_t i = 8; i < 16; ++i) cut.offsets[i] += 94;
  EXPECT_EQ(viewed(cut).view->run, 2);
}

TEST(MatrixView, TransposedRowsHaveAColumnStride) {
  MatrixPlaces places;
  places.bases = {0, 1, 2};
  places.offsets = {0, 3, 6, 9};
  const Viewed transposed = viewed(places);
  EXPECT_EQ(*transposed.view, (MatrixView{.buffer = 7, .row_stride = 1, .column_stride = 3}));
}

TEST(MatrixView, WhatHasNoStrideHasTables) {
  MatrixPlaces places = rows(4, 8);
  std::swap(places.bases[1], places.bases[2]);
  const Viewed gathered = viewed(places);
  ASSERT_EQ(gathered.tables.size(), 1U);
  EXPECT_EQ(gathered.tables[0], (std::vector<int64_t>{0, 16, 8, 24}));
  EXPECT_EQ(gathered.view->bases, 101U);
  EXPECT_EQ(gathered.view->run, 8);
}

TEST(MatrixView, AStartIsPartOfTheRows) {
  MatrixPlaces places = rows(2, 8);
  for (int64_t& offset : places.offsets) offset += 16;
  const Viewed shifted = viewed(places);
  ASSERT_EQ(shifted.tables.size(), 1U);
  EXPECT_EQ(shifted.tables[0], (std::vector<int64_t>{16, 24}));
}

TEST(MatrixView, BatchesLieAtEqualDistances) {
  MatrixPlaces places = rows(6, 8);
  places.batch = 3;
  EXPECT_EQ(*viewed(places).view,
            (MatrixView{.buffer = 7, .row_stride = 8, .batch_stride = 16, .run = 8}));
  std::swap(places.bases[2], places.bases[4]);
  std::swap(places.bases[3], places.bases[5]);
  EXPECT_FALSE(viewed(places).view);
  places = rows(6, 8);
  places.batch = 3;
  std::swap(places.bases[4], places.bases[5]);
  EXPECT_FALSE(viewed(places).view);
}

TEST(MatrixView, PlacesBeyond31BitsHaveNone) {
  MatrixPlaces places = rows(2, 8);
  places.bases[1] = int64_t{1} << 31;
  EXPECT_FALSE(viewed(places).view);
  EXPECT_EQ(run_of_view(places), 0);
}

TEST(Through, MovesRowsAndColumns) {
  std::vector<int64_t> map(32);  // a [4, 8] matrix with its rows reversed
  for (int64_t i = 0; i < 32; ++i) map[static_cast<size_t>(i)] = (3 - i / 8) * 8 + i % 8;
  const auto moved = through(rows(4, 8), map);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->bases, (std::vector<int64_t>{24, 16, 8, 0}));
  EXPECT_EQ(moved->offsets, rows(4, 8).offsets);
}

TEST(Through, NearlySeparableIsNot) {
  std::vector<int64_t> map(32);
  std::iota(map.begin(), map.end(), 0);
  std::swap(map[30], map[31]);
  EXPECT_FALSE(through(rows(4, 8), map));
  EXPECT_TRUE(through(rows(3, 8), map));
}

HeadPlaces heads(int64_t odd) {
  return {2, 3, 4, 8, [odd](int64_t batch, int64_t head, int64_t token, int64_t channel) {
            return 5 + batch * 100 + head * 8 + token * 24 + channel +
                   (token == 3 && head == 2 ? odd : 0);
          }};
}

TEST(HeadView, HasStrides) {
  const auto view = head_view(3, heads(0));
  ASSERT_TRUE(view);
  EXPECT_EQ(*view, (HeadView{3, 5, 100, 8, 24}));
}

TEST(HeadView, OneElementElsewhereHasNone) {
  EXPECT_FALSE(head_view(3, heads(1)));
  HeadPlaces apart = heads(0);
  apart.at = [](int64_t, int64_t, int64_t, int64_t channel) { return channel * 2; };
  EXPECT_FALSE(head_view(3, apart));
}

}  // namespace
}  // namespace nitro::plan
