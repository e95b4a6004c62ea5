#include "zoo/safetensors.h"

#include <gtest/gtest.h>

#include <bit>

#include "base/file.h"

namespace nitro::zoo {
namespace {

std::string little_endian(uint64_t value) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &value, 8);
  return bytes;
}

std::string file_of(const std::string& header, const std::string& data) {
  return little_endian(header.size()) + header + data;
}

class SafeTensorsTest : public testing::Test {
 protected:
  Result<SafeTensors> open(const std::string& content) {
    const auto path = folder_.path() / "weights.safetensors";
    EXPECT_TRUE(write_file_atomic(path, content).has_value());
    return SafeTensors::open(path);
  }
  ErrorCode code_of(const std::string& content) {
    const auto file = open(content);
    EXPECT_FALSE(file.has_value()) << content.substr(0, 200);
    return file ? ErrorCode::kInternal : file.error().code;
  }
  ScratchFolder folder_ = ScratchFolder::create("nitro-safetensors").value();
};

TEST_F(SafeTensorsTest, ReadsFloatsOfEachWidth) {
  const float f32[2] = {1.5F, -2.25F};
  std::string data(reinterpret_cast<const char*>(f32), 8);
  data += std::string("\x00\x3E\x00\xC0", 4);  // f16 1.5, -2
  data += std::string("\xC0\x3F\x20\xC0", 4);  // bf16 1.5, -2.5
  const auto file = open(file_of(
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
      R"("b":{"dtype":"F16","shape":[2],"data_offsets":[8,12]},)"
      R"("c":{"dtype":"BF16","shape":[2],"data_offsets":[12,16]}}   )",
      data));
  ASSERT_TRUE(file.has_value()) << file.error().text();
  EXPECT_EQ(file->read("a").value(), Tensor::of<double>(DType::kF32, {2, 1}, {1.5, -2.25}));
  EXPECT_EQ(file->read("b").value(), Tensor::of<double>(DType::kF32, {2}, {1.5, -2}));
  EXPECT_EQ(file->read("c").value(), Tensor::of<double>(DType::kF32, {2}, {1.5, -2.5}));
  EXPECT_EQ(file->read("d").error().code, ErrorCode::kBadModel);
}

TEST_F(SafeTensorsTest, RefusesToReadIntegersAsParameters) {
  const auto file = open(
      file_of(R"({"i":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})", std::string(8, '\1')));
  ASSERT_TRUE(file.has_value()) << file.error().text();
  EXPECT_EQ(file->read("i").error().code, ErrorCode::kUnsupportedDtype);
}

TEST_F(SafeTensorsTest, AcceptsEmptyTensorsAndFiles) {
  EXPECT_TRUE(open(file_of("{}", "")).has_value());
  const auto file = open(file_of(R"({"e":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)"
                                 R"("s":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})",
                                 std::string(4, '\0')));
  ASSERT_TRUE(file.has_value()) << file.error().text();
  EXPECT_EQ(file->read("s").value(), Tensor::scalar(DType::kF32, 0));
}

TEST_F(SafeTensorsTest, RefusesMalformedFiles) {
  const std::string four(4, '\0');
  const auto tensor = [](const std::string& fields) { return R"({"a":{)" + fields + "}}"; };
  const std::string good = R"("dtype":"F32","shape":[1],"data_offsets":[0,4])";
  ASSERT_TRUE(open(file_of(tensor(good), four)).has_value());
  const std::pair<const char*, std::string> malformed[] = {
      {"empty", ""},
      {"too short", "1234567"},
      {"header longer than the file", little_endian(100) + "{}"},
      {"length near 2^64", little_endian(~uint64_t{0}) + "{}"},
      {"length that wraps", little_endian(~uint64_t{0} - 7) + "{}"},
      {"no JSON", file_of("not JSON", "")},
      {"an array", file_of("[]", "")},
      {"deep nesting", file_of(std::string(100'000, '['), "")},
      {"unterminated string", file_of(R"({"a)", "")},
      {"entry that is no object", file_of(R"({"a":5})", "")},
      {"unknown dtype", file_of(tensor(R"("dtype":"F31","shape":[1],"data_offsets":[0,4])"), four)},
      {"no shape", file_of(tensor(R"("dtype":"F32","data_offsets":[0,4])"), four)},
      {"no offsets", file_of(tensor(R"("dtype":"F32","shape":[1])"), four)},
      {"negative size",
       file_of(tensor(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])"), four)},
      {"fraction", file_of(tensor(R"("dtype":"F32","shape":[1.0],"data_offsets":[0,4])"), four)},
      {"huge sizes",
       file_of(tensor(R"("dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,4])"),
               four)},
      {"size that is no int64",
       file_of(tensor(R"("dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4])"),
               four)},
      {"rank 17", file_of(tensor(R"("dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],)"
                                 R"("data_offsets":[0,4])"),
                          four)},
      {"offsets beyond the file",
       file_of(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])"), four)},
      {"offsets reversed",
       file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"), four)},
      {"shape of another size",
       file_of(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])"), four)},
      {"hole", file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"), four + four)},
      {"rest", file_of(tensor(good), four + four)},
      {"truncated data", file_of(tensor(good), "123")},
      {"overlap", file_of("{\"a\":{" + good + "},\"b\":{" + good + "}}", four)},
      {"name given twice", file_of("{\"a\":{" + good + "},\"a\":{" + good + "}}", four)},
      {"name given twice, once escaped",
       file_of("{\"a\":{" + good + "},\"\\u0061\":{" + good + "}}", four)},
      {"field given twice", file_of(tensor(good + R"(,"dtype":"F32")"), four)},
  };
  for (const auto& [what, content] : malformed) {
    EXPECT_EQ(code_of(content), ErrorCode::kBadFile) << what;
  }
}

TEST_F(SafeTensorsTest, LimitsTheHeader) {
  std::string header = "{";
  for (size_t i = 0; i <= SafeTensors::kMaxHeaderMembers; ++i) {
    header += fmt::format("{}\"{}\":0", i == 0 ? "" : ",", i);
  }
  EXPECT_EQ(code_of(file_of(header + "}", "")), ErrorCode::kLimitExceeded);
  const std::string spaces(SafeTensors::kMaxHeaderBytes - 1, ' ');
  EXPECT_EQ(code_of(file_of("{}" + spaces, "")), ErrorCode::kLimitExceeded);
}

TEST_F(SafeTensorsTest, RefusesWhatIsNoFile) {
  EXPECT_EQ(SafeTensors::open(folder_.path()).error().code, ErrorCode::kBadFile);
  EXPECT_EQ(SafeTensors::open(folder_.path() / "none").error().code, ErrorCode::kInputOutput);
}

TEST_F(SafeTensorsTest, SurvivesEveryTruncationAndEveryFlippedByte) {
  const std::string whole =
      file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "1234");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(open(whole.substr(0, size)).has_value()) << size;
  }
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x11);
    if (const auto file = open(changed); file && file->tensors().contains("a")) {
      EXPECT_TRUE(file->read("a").has_value()) << i;
    }
  }
}

}  // namespace
}  // namespace nitro::zoo
