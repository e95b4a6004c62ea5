#include "cuda/read_order.h"

#include <gtest/gtest.h>

#include "cuda/buffer_uses.h"

namespace nitro::cuda {
namespace {

using Numbers = std::vector<int64_t>;

/// A plan with one buffer, and a view of its rows.
struct Read {
  plan::Plan plan;
  plan::MatrixView view;

  explicit Read(int64_t elements, int64_t row_stride) {
    view.buffer = add_arena_buffer(plan, {DType::kF16, {elements}});
    view.row_stride = row_stride;
    view.run = 8;
  }
  std::optional<ReadOrder> order(int64_t rows, int64_t columns) const {
    return ReadOrder::of(plan, view, rows, columns);
  }
};

TEST(ReadOrder, DenseRowsAreReadAsTheyLie) {
  const auto order = Read(64, 16).order(4, 16);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->rows(), 4);
  EXPECT_EQ(order->columns(), 16);
  EXPECT_EQ(order->numbers({0, 16, 32, 48}, 16), (Numbers{0, 16, 32, 48}));
  EXPECT_EQ(order->numbers({8, 40}, 8), (Numbers{8, 40})) << "halves of rows";
  EXPECT_EQ(order->numbers({}, 16), Numbers());
}

TEST(ReadOrder, TablesMoveRowsAndPieces) {
  Read read(96, 0);
  read.view.bases = add_table(read.plan, {48, 0, 24});
  const auto moved = read.order(3, 16);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->numbers({0, 24, 48}, 16), (Numbers{16, 32, 0}));
  EXPECT_FALSE(moved->numbers({0, 16}, 8)) << "the elements after the row are not read";

  read.view.offsets = add_table(read.plan, {8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7});
  const auto turned = read.order(3, 16);
  ASSERT_TRUE(turned);
  EXPECT_EQ(turned->numbers({48, 56}, 8), (Numbers{8, 0}));
  EXPECT_FALSE(turned->numbers({48}, 16)) << "the second half comes first";
}

/// Rows of two tokens each, as patches are merged.
TEST(ReadOrder, ShorterRowsMayBePartsOfLonger) {
  const auto order = Read(64, 32).order(2, 32);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->numbers({0, 16, 32, 48}, 16), (Numbers{0, 16, 32, 48}));
  EXPECT_FALSE(order->numbers({16}, 32)) << "half in one row and half in the next";
  EXPECT_FALSE(order->numbers({0}, 64)) << "two rows";
}

TEST(ReadOrder, StretchesAreOfWholePieces) {
  const auto order = Read(64, 16).order(4, 16);
  ASSERT_TRUE(order);
  EXPECT_FALSE(order->numbers({4}, 8));
  EXPECT_FALSE(order->numbers({0}, 12));
  EXPECT_FALSE(order->numbers({0, 20}, 8)) << "one of them";
}

TEST(ReadOrder, WhatIsReadTwiceHasNone) {
  EXPECT_TRUE(Read(64, 16).order(4, 16));
  EXPECT_FALSE(Read(64, 8).order(4, 16)) << "rows overlap";
  EXPECT_FALSE(Read(64, 0).order(2, 16)) << "one row for all";
  Read twice(64, 0);
  twice.view.bases = add_table(twice.plan, {0, 32, 0});
  EXPECT_FALSE(twice.order(3, 16));
}

TEST(ReadOrder, ShortRunsAndPanelsHaveNone) {
  Read read(64, 16);
  read.view.run = 4;
  EXPECT_FALSE(read.order(4, 16));
  read.view.run = 8;
  read.view.panel_rows = 4;
  EXPECT_FALSE(read.order(4, 16));
}

TEST(RowStarts, AreOfContiguousRowsOnly) {
  Read read(128, 20);
  EXPECT_EQ(row_starts(read.plan, read.view, 3), (Numbers{0, 20, 40}));
  plan::MatrixView view = read.view;
  view.column_stride = 2;
  EXPECT_FALSE(row_starts(read.plan, view, 3));
  view = read.view;
  view.panel_rows = 16;
  EXPECT_FALSE(row_starts(read.plan, view, 3));
  view = read.view;
  view.offsets = add_table(read.plan, {0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_FALSE(row_starts(read.plan, view, 3));
  view = read.view;
  view.bases = add_table(read.plan, {40, 0, 80});
  EXPECT_EQ(row_starts(read.plan, view, 3), (Numbers{40, 0, 80}));
  EXPECT_EQ(row_bases(read.plan, view, 3), (Numbers{40, 0, 80}));
}

TEST(RowStarts, OfAttentionAreThoseOfAllHeadsTogether) {
  plan::Attention of;
  of.batch = 2;
  of.heads = 3;
  of.queries = 2;
  of.value_dim = 8;
  of.out = {.buffer = 0, .start = 4, .batch_stride = 100, .head_stride = 8, .token_stride = 30};
  EXPECT_EQ(row_starts(of), (Numbers{4, 34, 104, 134}));
  plan::Attention apart = of;
  apart.out.head_stride = 16;
  EXPECT_FALSE(row_starts(apart));
  plan::Attention in_panels = of;
  in_panels.out_bases = 1;
  EXPECT_FALSE(row_starts(in_panels));
}

}  // namespace
}  // namespace nitro::cuda
