#include "cuda/tuning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "base/file.h"
#include "base/json.h"
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

TEST(Tuning, MergingPrefersTheNewer) {
  Tuning all = two_products(), newer;
  GemmTile other = kTile;
  other.n = 48;
  newer.set(product(196, 384, 1536), other);
  newer.set(product(1, 1000, 768), kTile);
  all.merge(newer);
  EXPECT_EQ(all.size(), 3);
  EXPECT_EQ(all.tile(product(196, 384, 1536), true), other);
  EXPECT_EQ(all.tile(product(1, 1000, 768), true), kTile);
  EXPECT_TRUE(all.tile(product(49, 768, 3072), false));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return place == std::string::npos ? text : text.replace(place, from.size(), to);
}

void expect_bad(const std::string& text, std::string_view named = "") {
  const auto parsed = Tuning::parse(text);
  ASSERT_FALSE(parsed) << text.substr(0, 1000);
  EXPECT_EQ(parsed.error().code, ErrorCode::kBadFile);
  EXPECT_TRUE(parsed.error().text().contains(named)) << parsed.error().text();
}

TEST(Tuning, WhatIsNoRecordIsBad) {
  const std::string good = two_products().text();
  for (const char* text :
       {"", " ", "nothing", "[]", "{}", "7", "null", "\"schema\"", "{\"schema\": 1}",
        "{\"schema\": 1, \"tiles\": {}}", "{\"tiles\": []}"}) {
    expect_bad(text);
  }
  expect_bad(replaced(good, "\"schema\": 1", "\"schema\": 2"), "another version");
  expect_bad(replaced(good, "\"schema\": 1", "\"schema\": \"1\""), "another version");
  expect_bad(replaced(good, "\"tiles\": [", "\"tiles\": 7, \"x\": ["));
  for (size_t length = 0; length + 2 < good.size(); length += 7) expect_bad(good.substr(0, length));
}

TEST(Tuning, EachMemberMustBeThereAndOfItsKind) {
  const std::string good = two_products().text();
  const Json json = *Json::parse(good);
  const Json& first = json.at("tiles").items()[0];
  for (const bool of_tile : {false, true}) {
    for (const auto& [name, value] : (of_tile ? first.at("tile") : first).members()) {
      for (const Json& wrong : {Json(), Json("1"), Json(1.5), Json(-3), Json(0), Json(1e300),
                                Json(std::numeric_limits<int64_t>::max()), Json::array()}) {
        Json changed = json;
        Json::Array tiles = json.at("tiles").items();
        (of_tile ? tiles[0]["tile"] : tiles[0])[name] = wrong;
        changed["tiles"] = Json(std::move(tiles));
        // A tile that is none lacks its first member.
        expect_bad(changed.dump(), name == "tile" ? "'m'" : fmt::format("'{}'", name));
      }
    }
  }
  for (const char* tiles : {"[1]", "[null]", "[[]]", "[{}]"}) {
    expect_bad(fmt::format("{{\"schema\": 1, \"tiles\": {}}}", tiles), "product 0");
  }
}

TEST(Tuning, HugeTextIsRefused) {
  expect_bad(two_products().text() + std::string(17 << 20, ' '), "at most");
  expect_bad(std::string(1 << 20, '['));
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

TEST(TuningStore, WithoutAFileThereIsNothing) {
  const auto folder = ScratchFolder::create("nitro-tuning");
  ASSERT_TRUE(folder);
  EXPECT_EQ(TuningStore({}).load().size(), 0);
  EXPECT_EQ(TuningStore({}).add(two_products()).error().code, ErrorCode::kEnvironment);
  EXPECT_EQ(TuningStore(folder->path() / "none.json").load().size(), 0);
  EXPECT_EQ(TuningStore(folder->path()).load().size(), 0) << "a folder";
}

TEST(TuningStore, WhatCannotBeWrittenIsAnError) {
  const auto folder = ScratchFolder::create("nitro-tuning");
  ASSERT_TRUE(folder);
  ASSERT_TRUE(write_file_atomic(folder->path() / "file", "content"));
  // Permissions stop nobody who is root, a file in the place of a folder does.
  const auto added = TuningStore(folder->path() / "file" / "one.json").add(two_products());
  ASSERT_FALSE(added);
  EXPECT_TRUE(added.error().text().contains("one.json")) << added.error().text();
  std::filesystem::create_directories(folder->path() / "taken.json");
  EXPECT_FALSE(TuningStore(folder->path() / "taken.json").add(two_products()));
  EXPECT_TRUE(std::filesystem::is_directory(folder->path() / "taken.json"));
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
  wrong = tiles.back();
  wrong.stages = 1000;  // more shared memory than there is
  EXPECT_EQ(tuned(wrong), tiles.front());
  wrong = tiles.back();
  wrong.panels = false;
  EXPECT_EQ(tuned(wrong), tiles.front());
}

TEST(Tuning, OfAnotherDeviceIsIgnored) {
  const SampleStep sample = sample_step(SampleGemm{.m = 196, .n = 384, .k = 1536});
  const auto& gemm = std::get<plan::Gemm>(sample.step().kernel);
  const std::vector<GemmTile> large = gemm_tiles(sample.plan, gemm, target_of(90), false);
  const std::vector<GemmTile> small = gemm_tiles(sample.plan, gemm, target_of(86), false);
  const auto foreign = std::ranges::find_if(
      large, [&](const GemmTile& tile) { return std::ranges::find(small, tile) == small.end(); });
  ASSERT_NE(foreign, large.end());
  Tuning tuning;
  tuning.set(gemm, *foreign);
  Target target = target_of(90);
  target.tuning = std::make_shared<Tuning>(tuning);
  EXPECT_EQ(gemm_tile(sample.plan, gemm, target), *foreign);
  Target other = target_of(86);
  other.tuning = target.tuning;
  EXPECT_EQ(gemm_tile(sample.plan, gemm, other), small.front());
  other = target_of(53);
  other.tuning = target.tuning;
  EXPECT_FALSE(gemm_tile(sample.plan, gemm, other));
}

}  // namespace
}  // namespace nitro::cuda
