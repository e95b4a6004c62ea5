// The tiles that a product may be computed in keep what the kernels assert.
#include "cuda/gemm_tile.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cuda/sample_steps.h"

namespace nitro::cuda {
namespace {

/// Made once: the numbers of the operands take longer than all else here.
const std::vector<SampleStep>& samples(bool panels) {
  static const auto made = [](const std::vector<SampleGemm>& gemms) {
    std::vector<SampleStep> steps;
    for (const SampleGemm& gemm : gemms) steps.push_back(sample_step(gemm));
    return steps;
  };
  static const std::vector<SampleStep> plain = made(model_gemms(1)), laid = made(panel_gemms(1));
  return panels ? laid : plain;
}

const plan::Gemm& product(const SampleStep& sample) {
  return std::get<plan::Gemm>(sample.step().kernel);
}

void expect_fits(const GemmTile& tile, const plan::Gemm& gemm, const Target& target) {
  EXPECT_LE(shared_bytes(tile), target.shared_bytes_per_block);
  EXPECT_LE(tile.threads(), 1024);
  EXPECT_EQ(tile.segment % 16, 0);
  EXPECT_LE(tile.warps_k * 16, tile.segment) << "some warps of a segment have nothing to do";
  EXPECT_EQ(gemm.k % (tile.segment * tile.cluster), 0);
  EXPECT_EQ(tile.m / tile.warps_m % 16, 0);
  EXPECT_TRUE(tile.wgmma || tile.n / tile.warps_n % 16 == 0);
  EXPECT_TRUE(!gemm.normalize || tile.threads() % tile.m == 0) << "a row is no thread's";
  const int64_t segments = gemm.k / tile.cluster / tile.segment;
  EXPECT_LE(tile.stages, segments);
  EXPECT_TRUE(tile.stages == segments || tile.stages >= (tile.panels ? 3 : 2));
}

void expect_of_family(const GemmTile& tile, bool panels, const Target& target) {
  EXPECT_EQ(tile.panels, panels);
  EXPECT_TRUE(panels || (tile.cluster == 1 && !tile.wgmma));
  if (!tile.wgmma) return;
  EXPECT_TRUE(target.wgmma);
  EXPECT_EQ(tile.m, 64);
  EXPECT_EQ(tile.warps_m, 4);
  EXPECT_TRUE(tile.n % 16 == 0 && tile.n <= 256);
}

bool has_clusters(const std::vector<GemmTile>& tiles) {
  return std::ranges::any_of(tiles, [](const GemmTile& tile) { return tile.cluster > 1; });
}

class GemmTilesTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Devices, GemmTilesTest, testing::Values(53, 87, 90));

TEST_P(GemmTilesTest, FitProductAndDevice) {
  const Target target = target_of(GetParam());
  for (const bool panels : {false, true}) {
    for (const SampleStep& sample : samples(panels)) {
      SCOPED_TRACE(sample.name);
      const auto tiles = gemm_tiles(sample.plan, product(sample), target, panels);
      EXPECT_EQ(tiles.empty(), GetParam() < (panels ? 90 : 80));
      for (size_t i = 0; i < tiles.size(); ++i) {
        expect_fits(tiles[i], product(sample), target);
        expect_of_family(tiles[i], panels, target);
        EXPECT_EQ(std::ranges::count(tiles, tiles[i]), 1) << "twice";
      }
    }
  }
}

TEST_P(GemmTilesTest, AreTheSameEachTime) {
  const Target target = target_of(GetParam());
  for (const bool panels : {false, true}) {
    for (const SampleStep& sample : samples(panels)) {
      EXPECT_EQ(gemm_tiles(sample.plan, product(sample), target, panels),
                gemm_tiles(sample.plan, product(sample), target, panels));
    }
  }
}

TEST_P(GemmTilesTest, TheFirstIsTakenWithoutTuning) {
  const Target target = target_of(GetParam());
  for (const SampleStep& sample : samples(false)) {
    const auto tiles = gemm_tiles(sample.plan, product(sample), target, false);
    const auto panels = gemm_tiles(sample.plan, product(sample), target, true);
    const auto tile = gemm_tile(sample.plan, product(sample), target);
    const auto panel = panel_tile(sample.plan, product(sample), target);
    EXPECT_EQ(tile, tiles.empty() ? std::nullopt : std::optional(tiles[0])) << sample.name;
    EXPECT_EQ(panel, panels.empty() ? std::nullopt : std::optional(panels[0])) << sample.name;
  }
  for (const SampleStep& sample : samples(true)) {
    const auto tile = gemm_tile(sample.plan, product(sample), target);
    EXPECT_EQ(tile.has_value(), GetParam() >= 90) << sample.name;
    if (!tile) continue;
    EXPECT_EQ(tile->m, product(sample).a.panel_rows) << sample.name;
  }
}

/// Blocks of a cluster see parts of the rows only.
TEST(GemmTiles, ClustersNormaliseByPartsOfRows) {
  const Target target = target_of(90);
  size_t clusters = 0;
  for (const SampleStep& sample : samples(true)) {
    plan::Gemm gemm = product(sample);
    const bool whole = has_clusters(gemm_tiles(sample.plan, gemm, target, true));
    EXPECT_FALSE(gemm.normalize && whole) << sample.name;
    gemm.row_parts_in = gemm.b.buffer;  // any
    const bool parts = has_clusters(gemm_tiles(sample.plan, gemm, target, true));
    EXPECT_TRUE(gemm.normalize || whole == parts) << sample.name;
    clusters += gemm.normalize && parts ? 1 : 0;
  }
  EXPECT_GT(clusters, 0);
}

TEST(GemmTiles, ThatLeavePartsOfRowsHaveWholeParts) {
  for (const bool panels : {false, true}) {
    for (const SampleStep& sample : samples(panels)) {
      plan::Gemm gemm = product(sample);
      gemm.row_parts_out = gemm.b.buffer;  // any
      for (const GemmTile& tile : gemm_tiles(sample.plan, gemm, target_of(90), panels))
        EXPECT_EQ(tile.n % plan::kRowPart, 0) << sample.name;
    }
  }
}

TEST(GemmTiles, WithoutWgmmaTheOtherPanelsRemain) {
  Target target = target_of(90);
  target.wgmma = false;
  for (const SampleStep& sample : samples(true)) {
    const auto tiles = gemm_tiles(sample.plan, product(sample), target, true);
    EXPECT_FALSE(tiles.empty()) << sample.name;
    EXPECT_TRUE(std::ranges::none_of(tiles, &GemmTile::wgmma)) << sample.name;
  }
}

TEST(GemmTiles, NoneForWhatTensorCoresDoNotTake) {
  const auto count = [](const SampleGemm& of, bool panels, bool sums = true) {
    const SampleStep sample = sample_step(of);
    plan::Gemm gemm = product(sample);
    if (!sums) gemm.column_sums = plan::kNoBuffer;
    return gemm_tiles(sample.plan, gemm, target_of(90), panels).size();
  };
  const SampleGemm good{.m = 50, .n = 40, .k = 64, .normalize = true};
  EXPECT_GT(count(good, false), 0);
  EXPECT_GT(count(good, true), 0);
  EXPECT_EQ(count(good, false, false), 0) << "no sums of columns";
  SampleGemm odd = good;
  odd.k = 72;
  EXPECT_EQ(count(odd, false), 0);
  SampleGemm exact = good;
  exact.b.dtype = DType::kF32;
  EXPECT_EQ(count(exact, false), 0);
  SampleGemm batches = good;
  batches.batch = 2;
  EXPECT_GT(count(batches, false), 0);
  EXPECT_EQ(count(batches, true), 0);
  SampleGemm wide = good;
  wide.a.dtype = DType::kF32;
  EXPECT_GT(count(wide, false), 0);
  EXPECT_EQ(count(wide, true), 0) << "panels are of f16";
}

TEST(GemmTiles, PlansInF32DoNotRoundTheirOperands) {
  SampleGemm of{.m = 64, .n = 64, .k = 64};
  of.a.dtype = DType::kF32;
  of.b.dtype = DType::kI8;
  SampleStep sample = sample_step(of);
  EXPECT_FALSE(gemm_tiles(sample.plan, product(sample), target_of(90), false).empty());
  sample.plan.precision = plan::Precision::kF32;
  EXPECT_TRUE(gemm_tiles(sample.plan, product(sample), target_of(90), false).empty());
}

}  // namespace
}  // namespace nitro::cuda
