#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace nitro {
namespace {

TEST(File, AtomicWriteReplacesAndRefuses) {
  const ScratchFolder folder = ScratchFolder::create("nitro-test").value();
  const auto path = folder.path() / "x";
  ASSERT_TRUE(write_file_atomic(path, "one").has_value());
  ASSERT_TRUE(write_file_atomic(path, "two").has_value());
  const auto refused = write_file_atomic(path, "three", Overwrite::kRefuse);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUsage);
  EXPECT_EQ(read_file(path).value(), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(File, AtomicWriteReplacesASymlinkNotItsTarget) {
  const ScratchFolder folder = ScratchFolder::create("nitro-test").value();
  ASSERT_TRUE(write_file_atomic(folder.path() / "target", "kept").has_value());
  std::filesystem::create_symlink("target", folder.path() / "link");
  ASSERT_TRUE(write_file_atomic(folder.path() / "link", "new").has_value());
  EXPECT_EQ(read_file(folder.path() / "target").value(), "kept");
}

TEST(File, AtomicWriteJoinsPieces) {
  const ScratchFolder folder = ScratchFolder::create("nitro-test").value();
  const std::vector<std::string_view> pieces = {"one", "", " and two"};
  ASSERT_TRUE(write_file_atomic(folder.path() / "x", pieces).has_value());
  EXPECT_EQ(read_file(folder.path() / "x").value(), "one and two");
}

TEST(File, FullDiskIsNamed) {
  const auto written = write_file_atomic("/proc/nitro", "x");
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ErrorCode::kInputOutput);
}

TEST(File, OnlyRegularFilesAreRead) {
  const ScratchFolder folder = ScratchFolder::create("nitro-test").value();
  EXPECT_EQ(read_file(folder.path()).error().code, ErrorCode::kBadFile);
  EXPECT_EQ(read_file("/dev/zero").error().code, ErrorCode::kBadFile);
  EXPECT_EQ(read_file(folder.path() / "none").error().code, ErrorCode::kInputOutput);
  ASSERT_EQ(::mkfifo((folder.path() / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(read_file(folder.path() / "fifo").error().code, ErrorCode::kBadFile);
}

TEST(File, ReadFileHonoursItsLimit) {
  const ScratchFolder folder = ScratchFolder::create("nitro-test").value();
  ASSERT_TRUE(write_file_atomic(folder.path() / "x", "12345").has_value());
  EXPECT_EQ(read_file(folder.path() / "x", 4).error().code, ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace nitro
