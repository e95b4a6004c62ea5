#include "cuda/tuning.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "cuda/sample_steps.h"

namespace nitro::cuda {
namespace {

plan::Gemm product(int64_t m, int64_t n, int64_t k) {
  plan::Gemm gemm;
  gemm.m = m;
  gemm.n = n;
  gemm.k = k;
  return gemm;
}

const GemmTile kTile{64, 96, 128, 4, 4, 1, 1, true, true, 2};

Tuning two_products() {
  Tuning tuning;
  tuning.set(product(196, 384, 1536), kTile);
  tuning.set(product(49, 768, 3072), {32, 64, 256, 3, 2, 2, 2});
  return tuning;
}

TEST(Tuning, IsTheSameAfterItsText) {
  const Tuning tuning = two_products();
  const auto again = Tuning::parse(tuning.text());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, tuning);
  EXPECT_EQ(again->tile(product(196, 384, 1536), true), kTile);
}

TEST(Tuning, KnowsOnlyTheProductItself) {
  const Tuning tuning = two_products();
  EXPECT_FALSE(tuning.tile(product(196, 384, 1536), false));
  EXPECT_FALSE(tuning.tile(product(197, 384, 1536), true));
  plan::Gemm normalised = product(196, 384, 1536);
  normalised.normalize = true;
  EXPECT_FALSE(tuning.tile(normalised, true));
}

TEST(Tuning, BrokenTextIsNamed) {
  const std::string good = two_products().text();
  const auto replaced = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  const std::string broken[] = {"",
                                "[]",
                                "{}",
                                good.substr(0, good.size() / 2),
                                replaced("\"schema\": 1", "\"schema\": 2"),
                                replaced("\"stages\": 3", "\"stages\": -3"),
                                replaced("\"cluster\": 2", "\"cluster\": \"2\""),
                                replaced("\"tiles\": [", "\"tiles\": 7, \"x\": [")};
  for (const std::string& text : broken) {
    const auto parsed = Tuning::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kBadFile) << text;
  }
}

TEST(TuningStore, KeepsWhatIsAddedAndSurvivesDamage) {
  const auto folder = ScratchFolder::create("nitro-tuning");
  ASSERT_TRUE(folder);
  const TuningStore store(folder->path() / "devices" / "one.json");
  EXPECT_EQ(store.load().size(), 0);
  Tuning first;
  first.set(product(196, 384, 1536), kTile);
  ASSERT_TRUE(store.add(first));
  ASSERT_TRUE(store.add(two_products()));
  EXPECT_EQ(store.load(), two_products());
  ASSERT_TRUE(write_file_atomic(store.file().string(), "{\"schema\": 1, \"ti"));
  EXPECT_EQ(store.load().size(), 0);
  ASSERT_TRUE(store.add(first));
  EXPECT_EQ(store.load(), first);
}

/// The tile for a product of a model in panels, with a tuning of `tile` for it.
std::optional<GemmTile> tuned(const GemmTile& tile) {
  const SampleStep sample = sample_step(panel_gemms(1)[1]);
  const auto& gemm = std::get<plan::Gemm>(sample.step().kernel);
  Tuning tuning;
  tuning.set(gemm, tile);
  Target target = target_of(90);
  target.tuning = std::make_shared<Tuning>(tuning);
  return gemm_tile(sample.plan, gemm, target);
}

TEST(Tuning, DecidesWhereItsTileFits) {
  const SampleStep sample = sample_step(panel_gemms(1)[1]);
  const auto& gemm = std::get<plan::Gemm>(sample.step().kernel);
  std::vector<GemmTile> tiles = gemm_tiles(sample.plan, gemm, target_of(90), true);
  std::erase_if(tiles, [&](const GemmTile& tile) { return tile.m != gemm.a.panel_rows; });
  ASSERT_GT(tiles.size(), 2);
  EXPECT_EQ(tuned(tiles.back()), tiles.back());
  GemmTile wrong = tiles.back();
  wrong.segment = 10'000;
  EXPECT_EQ(tuned(wrong), tiles.front());
  wrong = tiles.back();
  wrong.m = 128;  // not the panels that a lies in
  EXPECT_EQ(tuned(wrong), tiles.front());
}

class GemmTilesTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Devices, GemmTilesTest, testing::Values(53, 87, 90));

TEST_P(GemmTilesTest, FitProductAndDevice) {
  const Target target = target_of(GetParam());
  for (const bool panels : {false, true}) {
    for (const SampleGemm& of : panels ? panel_gemms(1) : model_gemms(1)) {
      const SampleStep sample = sample_step(of);
      const auto& gemm = std::get<plan::Gemm>(sample.step().kernel);
      const std::vector<GemmTile> tiles = gemm_tiles(sample.plan, gemm, target, panels);
      EXPECT_EQ(tiles.empty(), GetParam() < (panels ? 90 : 80)) << sample.name;
      for (const GemmTile& tile : tiles) {
        SCOPED_TRACE(sample.name);
        EXPECT_LE(shared_bytes(tile), target.shared_bytes_per_block);
        EXPECT_EQ(gemm.k % (tile.segment * tile.cluster), 0);
        EXPECT_LE(tile.stages * tile.segment * tile.cluster, gemm.k);
        EXPECT_EQ(tile.panels, panels);
        EXPECT_TRUE(tile.cluster == 1 || !gemm.normalize) << "its rows are in several blocks";
      }
    }
  }
}

}  // namespace
}  // namespace nitro::cuda
