#include "synth/dataset.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>

#include "base/file.h"
#include "base/json.h"

namespace nitro::synth {
namespace {

namespace fs = std::filesystem;

class Dataset : public testing::Test {
 protected:
  void SetUp() override { options_.folder = scratch_->path() / "set"; }

  Result<DatasetProgress> write(int64_t stop_after = 1 << 30) {
    std::atomic<int64_t> asked = 0;
    return write_dataset(
        options_, [](const DatasetProgress&) {}, [&] { return asked++ >= stop_after; });
  }

  /// All files by their path below the folder.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(options_.folder))
      if (entry.is_regular_file())
        found[fs::relative(entry.path(), options_.folder)] = read_file(entry.path()).value();
    return found;
  }

  Json manifest() const {
    return Json::parse(read_file(options_.folder / "manifest.json").value()).value();
  }

  Result<ScratchFolder> scratch_ = ScratchFolder::create("nitro-synth");
  DatasetOptions options_ = {.folder = {}, .count = 23, .seed = 3, .size = 16};
};

TEST_F(Dataset, IsTheSameOnAnyNumberOfThreads) {
  ASSERT_TRUE(write());
  const auto one = files();
  EXPECT_EQ(one.size(), 23U * 3 + 2);
  EXPECT_TRUE(one.contains("rgb/bathtub/000020.png"));
  EXPECT_TRUE(one.contains("depth/bin/000022.png"));
  EXPECT_TRUE(one.contains("ir/bin/000022.png"));
  fs::remove_all(options_.folder);
  options_.threads = 5;
  ASSERT_TRUE(write());
  EXPECT_TRUE(files() == one);
}

TEST_F(Dataset, GoesOnWhereItWasStopped) {
  ASSERT_TRUE(write());
  const auto whole = files();
  fs::remove_all(options_.folder);
  const auto stopped = write(5);
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->made, 5);
  EXPECT_FALSE(manifest().at("complete").as_bool(true));
  ASSERT_TRUE(write_file_atomic(options_.folder / "ir/bed/000001.png", ""));  // power was lost
  fs::remove(options_.folder / "depth/bathtub/000000.png");
  const auto done = write();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->made, 20);
  EXPECT_EQ(done->found, 3);
  EXPECT_TRUE(files() == whole);
}

TEST_F(Dataset, GrowsButMixesNothing) {
  ASSERT_TRUE(write());
  options_.count = 25;
  const auto grown = write();
  ASSERT_TRUE(grown);
  EXPECT_EQ(grown->made, 2);
  EXPECT_EQ(manifest().at("classes").at("bin").as_integer(), 2);
  EXPECT_EQ(manifest().at("classes").at("sofa").as_integer(), 1);
  options_.seed = 4;
  const auto other = write();
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kUsage);
  EXPECT_NE(other.error().message.find("another seed: 3 instead of 4"), std::string::npos);
}

TEST_F(Dataset, LeavesOtherFoldersAlone) {
  fs::create_directories(options_.folder);
  ASSERT_TRUE(write_file_atomic(options_.folder / "notes.txt", "mine"));
  ASSERT_FALSE(write());
  EXPECT_EQ(files().size(), 1U);
  ASSERT_TRUE(write_file_atomic(options_.folder / "manifest.json", "{\"seed\": "));
  const auto damaged = write();
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::kBadFile);
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(Dataset, SaysWhatCannotBeWritten) {
  ASSERT_TRUE(write(1));
  fs::remove_all(options_.folder / "rgb" / "chair");
  ASSERT_TRUE(write_file_atomic(options_.folder / "rgb" / "chair", "a file"));
  const auto failed = write();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kInputOutput);
}

}  // namespace
}  // namespace nitro::synth
