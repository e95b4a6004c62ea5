// Packed weights lie where the kernels read them.
#include "cuda/packed_weights.h"

#include <gtest/gtest.h>

#include "cuda/gemm_tile.h"
#include "cuda/sample_steps.h"

namespace nitro::cuda {
namespace {

plan::Gemm& product(plan::Plan& plan, size_t step = 0) {
  return std::get<plan::Gemm>(plan.steps[step].kernel);
}

/// Element (row, column) of a tile of b in memory, as kernels/gemm_mma.cuh copies it: segments of
/// rows with 8 halves between them.
int64_t place_in_segments(const GemmTile& tile, int64_t k, int64_t row, int64_t column) {
  const int64_t stride = tile.segment + 8, size = tile.n * stride, segments = k / tile.segment;
  const int64_t start = (row / tile.n * segments + column / tile.segment) * size;
  return start + row % tile.n * stride + column % tile.segment;
}

/// The same as kernels/gemm_panels.cuh copies it: each block of a cluster its part of k, segment by
/// segment, pieces of 8 columns of all rows in each.
int64_t place_in_panels(const GemmTile& tile, int64_t k, int64_t row, int64_t column) {
  const int64_t part = k / tile.cluster;
  const int64_t start = row / tile.n * tile.n * k + column / part * part * tile.n;
  const int64_t segment = column % part / tile.segment, in_segment = column % part % tile.segment;
  return start + segment * tile.n * tile.segment + in_segment / 8 * tile.n * 8 + row % tile.n * 8 +
         in_segment % 8;
}

/// Packs the weights of a product, and follows each; the tile.
GemmTile expect_packed(const SampleGemm& of, const Target& target) {
  SampleStep sample = sample_step(of);
  SCOPED_TRACE(sample.name);
  const plan::Gemm before = product(sample.plan);
  const Tensor weights = *sample.plan.buffers[before.b.buffer].constant;
  const GemmTile tile = gemm_tile(sample.plan, before, target).value();
  pack_weights(sample.plan, target);
  const plan::Gemm& after = product(sample.plan);
  EXPECT_NE(after.b.buffer, before.b.buffer);
  EXPECT_EQ(after.packed_rows, tile.n);
  EXPECT_EQ(after.packed_columns, tile.panels ? 0 : tile.segment);
  const std::vector<double> from = weights.as<double>();
  std::vector<double> packed = sample.plan.buffers[after.b.buffer].constant->as<double>();
  for (int64_t row = 0; row < of.n; ++row) {
    for (int64_t column = 0; column < of.k; ++column) {
      const int64_t place = tile.panels ? place_in_panels(tile, of.k, row, column)
                                        : place_in_segments(tile, of.k, row, column);
      double& there = packed.at(static_cast<size_t>(place));
      EXPECT_EQ(there, from[static_cast<size_t>(row * before.b.row_stride + column)])
          << row << ", " << column;
      there = 0;
    }
  }
  // All that was taken is 0 now; so must be the rest.
  EXPECT_EQ(std::ranges::count(packed, 0.0), static_cast<int64_t>(packed.size()));
  const int64_t rows = (of.n + tile.n - 1) / tile.n * tile.n;
  const int64_t row = tile.panels ? of.k : of.k / tile.segment * (tile.segment + 8);
  EXPECT_EQ(static_cast<int64_t>(packed.size()), rows * row);
  return tile;
}

TEST(PackedWeights, SegmentsHoldEachWeight) {
  const GemmTile tile = expect_packed({.m = 50, .n = 100, .k = 768}, target_of(87));
  EXPECT_LT(tile.segment, 768) << "more than one";
  EXPECT_NE(100 % tile.n, 0) << "a last tile that is not full";
  expect_packed({.m = 50, .n = 96, .k = 48, .b = {Layout::kPadded}}, target_of(87));
  expect_packed({.m = 3, .n = 1, .k = 16}, target_of(87));
}

TEST(PackedWeights, PanelsHoldEachWeight) {
  bool clusters = false, wgmma = false;
  for (const int64_t rows : {16, 32, 64}) {
    const SampleMatrix a{.layout = Layout::kPanels, .panel_rows = rows};
    for (const int64_t k : {48, 768, 3072}) {
      const GemmTile tile = expect_packed({.m = 49, .n = 100, .k = k, .a = a}, target_of(90));
      EXPECT_TRUE(tile.panels);
      clusters |= tile.cluster > 1;
      wgmma |= tile.wgmma;
    }
    expect_packed({.m = 49, .n = 1, .k = 64, .a = a}, target_of(90));
    expect_packed({.m = 49, .n = 40, .k = 64, .a = a, .b = {Layout::kPadded}}, target_of(90));
  }
  EXPECT_TRUE(clusters);
  EXPECT_TRUE(wgmma);
}

TEST(PackedWeights, OneTensorForProductsThatShareIt) {
  SampleStep sample = sample_step({.m = 50, .n = 96, .k = 64});
  plan::Plan& plan = sample.plan;
  plan.steps.push_back(plan.steps[0]);
  plan.steps[1].name = "again";
  pack_weights(plan, target_of(87));
  EXPECT_GT(product(plan).packed_rows, 0);
  EXPECT_EQ(product(plan, 0).b.buffer, product(plan, 1).b.buffer);
  const size_t buffers = plan.buffers.size();
  pack_weights(plan, target_of(87));
  EXPECT_EQ(plan.buffers.size(), buffers) << "once is enough";
}

TEST(PackedWeights, OthersStayAsTheyAre) {
  const auto is_packed = [](const SampleGemm& of, int device, auto change) {
    SampleStep sample = sample_step(of);
    change(sample.plan);
    pack_weights(sample.plan, target_of(device));
    return product(sample.plan).packed_rows > 0;
  };
  const auto nothing = [](plan::Plan&) {};
  const SampleGemm good{.m = 50, .n = 96, .k = 64};
  EXPECT_TRUE(is_packed(good, 87, nothing));
  EXPECT_FALSE(is_packed(good, 53, nothing)) << "no tensor cores";
  for (const Layout layout : {Layout::kRowTable, Layout::kTables, Layout::kTransposed}) {
    SampleGemm other = good;
    other.b.layout = layout;
    EXPECT_FALSE(is_packed(other, 87, nothing)) << static_cast<int>(layout);
  }
  SampleGemm own = good;
  own.batch = 2;
  EXPECT_TRUE(is_packed(own, 87, nothing)) << "the whole batch has one b";
  own.shares_b = false;
  EXPECT_FALSE(is_packed(own, 87, nothing));
  EXPECT_FALSE(is_packed(good, 87, [](plan::Plan& plan) {
    plan.buffers[product(plan).b.buffer].constant.reset();
  })) << "made by another step";
}

}  // namespace
}  // namespace nitro::cuda
