#include "cuda/cubin_cache.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"

namespace nitro::cuda {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kOptions = {"--std=c++14"};
const std::vector<std::string> kOtherOptions = {"--std=c++17"};
const CubinKey kKey = {"source", kOptions, "sm_90a", "12.9"};

class CubinCacheTest : public testing::Test {
 protected:
  fs::path only_entry() const {
    fs::path found;
    for (const auto& entry : fs::directory_iterator(folder())) {
      EXPECT_TRUE(found.empty());
      found = entry.path();
    }
    return found;
  }
  void overwrite(std::string_view content) const {
    std::ofstream(only_entry(), std::ios::binary) << content;
  }
  fs::path folder() const { return scratch_->path() / "a" / "cubins"; }

  Result<ScratchFolder> scratch_ = ScratchFolder::create("nitro-cubins");
  const std::string binary_ = std::string("\177ELF\0binary\n", 12);
};

TEST_F(CubinCacheTest, GivesBackWhatWasStored) {
  const CubinCache cache(folder());
  EXPECT_EQ(cache.find(kKey), std::nullopt);
  cache.store(kKey, binary_);
  EXPECT_EQ(cache.find(kKey), binary_);
  EXPECT_EQ(CubinCache(folder()).find(kKey), binary_);
}

TEST_F(CubinCacheTest, EveryPartOfTheKeyCounts) {
  const CubinCache cache(folder());
  cache.store(kKey, binary_);
  EXPECT_EQ(cache.find({"source2", kOptions, "sm_90a", "12.9"}), std::nullopt);
  EXPECT_EQ(cache.find({"source", kOtherOptions, "sm_90a", "12.9"}), std::nullopt);
  EXPECT_EQ(cache.find({"source", {}, "sm_90a", "12.9"}), std::nullopt);
  EXPECT_EQ(cache.find({"source", kOptions, "sm_87", "12.9"}), std::nullopt);
  EXPECT_EQ(cache.find({"source", kOptions, "sm_90a", "11.8"}), std::nullopt);
  EXPECT_EQ(cache.find({"sourc", kOptions, "esm_90a", "12.9"}), std::nullopt);
}

TEST_F(CubinCacheTest, RemovesDamagedEntriesAndTakesThemAgain) {
  const CubinCache cache(folder());
  cache.store(kKey, binary_);
  const std::string whole = *read_file(only_entry());
  std::vector<std::string> damaged = {"", "nitro cubin 1 ", "something else", whole + "x"};
  for (size_t size = 0; size < whole.size(); size += 7) damaged.push_back(whole.substr(0, size));
  for (size_t i = 0; i < whole.size(); i += 5) {
    damaged.push_back(whole);
    damaged.back()[i] = static_cast<char>(damaged.back()[i] ^ 1);
  }
  for (const std::string& content : damaged) {
    overwrite(content);
    EXPECT_EQ(cache.find(kKey), std::nullopt);
    EXPECT_TRUE(fs::is_empty(folder()));
    cache.store(kKey, binary_);
    EXPECT_EQ(cache.find(kKey), binary_);
  }
}

TEST_F(CubinCacheTest, AFolderThatCannotBeWrittenIsNoError) {
  std::ofstream(scratch_->path() / "file") << "a file, not a folder";
  const CubinCache cache(scratch_->path() / "file" / "cubins");
  cache.store(kKey, binary_);
  EXPECT_EQ(cache.find(kKey), std::nullopt);
}

TEST(CubinCache, WithoutAFolderRemembersNothing) {
  const CubinCache cache;
  cache.store(kKey, "binary");
  EXPECT_EQ(cache.find(kKey), std::nullopt);
}

}  // namespace
}  // namespace nitro::cuda
