#include "onnx/external_data.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace nitro::onnx {
namespace {

namespace fs = std::filesystem;

/// A folder with "data" (the bytes 0 to 15), "below/data", and traps.
class ExternalData : public testing::Test {
 protected:
  void SetUp() override {
    const fs::path& path = scratch_->path();
    fs::create_directory(path / "model");
    fs::create_directory(path / "model" / "below");
    std::string bytes;
    for (char c = 0; c < 16; ++c) bytes += c;
    ASSERT_TRUE(write_file_atomic(path / "outside", bytes));
    ASSERT_TRUE(write_file_atomic(path / "model" / "data", bytes));
    ASSERT_TRUE(write_file_atomic(path / "model" / "below" / "data", bytes));
    fs::create_symlink("data", path / "model" / "link");
    fs::create_directory_symlink("below", path / "model" / "linked");
    ASSERT_EQ(::mkfifo((path / "model" / "fifo").c_str(), 0600), 0);
    folder_ = FileDescriptor(::open((path / "model").c_str(), O_PATH | O_DIRECTORY));
  }

  Result<Tensor> read(ExternalReference reference, int64_t count = 16) {
    return read_external_data(folder_, reference, {DType::kU8, {count}}, limits_, note_);
  }
  std::string error(ExternalReference reference, int64_t count = 16) {
    const auto tensor = read(std::move(reference), count);
    if (tensor) return "";
    EXPECT_EQ(tensor.error().code, ErrorCode::kBadExternalData);
    return tensor.error().message;
  }

  Result<ScratchFolder> scratch_ = ScratchFolder::create("external-data-test");
  FileDescriptor folder_;
  Limits limits_;
  std::string note_;
};

TEST_F(ExternalData, ReadsAWindow) {
  EXPECT_EQ(read({"data", "", ""})->as<int64_t>()[15], 15);
  EXPECT_EQ(read({"data", "4", "2"}, 2)->as<int64_t>(), (std::vector<int64_t>{4, 5}));
  EXPECT_EQ(read({"below/../data", "15", ""}, 1)->as<int64_t>(), std::vector<int64_t>{15});
  EXPECT_EQ(read({"data", "16", "0"}, 0)->elements(), 0);
  EXPECT_EQ(note_, "");
}

TEST_F(ExternalData, StaysInTheFolder) {
  const std::string outside = "lies outside the model's folder";
  EXPECT_TRUE(error({"../outside", "", ""}).contains(outside));
  EXPECT_TRUE(error({"below/../../outside", "", ""}).contains(outside));
  EXPECT_TRUE(error({(scratch_->path() / "model" / "data").string(), "", ""}).contains(outside));
  EXPECT_TRUE(error({"link", "", ""}).contains("symbolic link"));
  EXPECT_TRUE(error({"linked/data", "", ""}).contains("symbolic link"));
}

TEST_F(ExternalData, TakesOnlyRegularFiles) {
  EXPECT_TRUE(error({"below", "", ""}).contains("a folder"));
  EXPECT_TRUE(error({"fifo", "", ""}).contains("a FIFO"));
  EXPECT_TRUE(error({"ghost", "", ""}).contains("does not exist"));
  EXPECT_TRUE(error({"", "", ""}).contains("empty location"));
  EXPECT_TRUE(error({std::string("data\0x", 6), "", ""}).contains("not a file name"));
  EXPECT_TRUE(error({std::string(5000, 'a'), "", ""}).contains("not a file name"));
}

TEST_F(ExternalData, ChecksEachNumber) {
  EXPECT_EQ(error({"data", "abc", ""}), "offset is not a number: 'abc'");
  EXPECT_EQ(error({"data", "", "-1"}), "length must be >= 0, got -1");
  EXPECT_EQ(error({"data", "", "1 "}), "length is not a number: '1 '");
  const std::string largest = "9223372036854775807";
  EXPECT_TRUE(error({"data", largest, largest}).contains(largest));
  EXPECT_TRUE(error({"data", "1", ""}).contains("16 at offset 1"));
  EXPECT_TRUE(error({"data", "", "8"}).contains("u8[16] needs 16"));
  EXPECT_TRUE(error({"data", "", ""}, int64_t{1} << 50).contains("16 bytes"));
}

TEST_F(ExternalData, SaysThatAFileIsAHardLink) {
  fs::create_hard_link(scratch_->path() / "outside", scratch_->path() / "model" / "hard");
  EXPECT_TRUE(read({"hard", "", ""}));
  EXPECT_EQ(note_, "external data 'hard' is a hard link");
  limits_.hard_links = false;
  EXPECT_EQ(error({"hard", "", ""}), "external data 'hard' is a hard link");
}

TEST_F(ExternalData, FollowsLinksBeneathTheFolderWhereAllowed) {
  fs::create_symlink("../outside", scratch_->path() / "model" / "escape");
  limits_.symlinks = true;
  EXPECT_TRUE(read({"link", "", ""}));
  EXPECT_TRUE(read({"linked/data", "", ""}));
  EXPECT_TRUE(error({"escape", "", ""}).contains("lies outside the model's folder"));
  EXPECT_TRUE(error({"../outside", "", ""}).contains("lies outside the model's folder"));
}

}  // namespace
}  // namespace nitro::onnx
