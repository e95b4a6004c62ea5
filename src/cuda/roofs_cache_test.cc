#include "cuda/roofs_cache.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace nitro::cuda {
namespace {

class GpuRoofsCache : public testing::Test {
 protected:
  Result<GpuRoofs> get(const char* key = "a GPU") {
    return cached_gpu_roofs(folder_.path(), key, [this]() -> Result<GpuRoofs> {
      ++measured_;
      return roofs_;
    });
  }
  std::filesystem::path only_file() const {
    return std::filesystem::directory_iterator(folder_.path())->path();
  }

  ScratchFolder folder_ = ScratchFolder::create("nitro-gpu-roofs").value();
  GpuRoofs roofs_{2.9e12, 50 << 20, 5.5e12,  7e12, 60e12, 120e12,
                  620e12, 240e12,   1200e12, 1000, 1000};
  int measured_ = 0;
};

TEST_F(GpuRoofsCache, MeasuresOnce) {
  EXPECT_EQ(get().value(), roofs_);
  EXPECT_EQ(get().value(), roofs_);
  EXPECT_EQ(measured_, 1);
}

TEST_F(GpuRoofsCache, MeasuresAgainForAnotherGpu) {
  ASSERT_TRUE(get());
  ASSERT_TRUE(get("another GPU"));
  EXPECT_EQ(measured_, 2);
}

TEST_F(GpuRoofsCache, ReplacesAMalformedFile) {
  ASSERT_TRUE(get());
  const std::filesystem::path file = only_file();
  const std::string good = read_file(file).value();
  Json negative = Json::parse(good).value();
  negative["roofs"]["fp32_flops"] = -1.0;
  const std::string huge(2 << 20, ' ');
  const std::string no_speed = negative.dump();
  const std::string_view texts[] = {"",
                                    "not json",
                                    "null",
                                    std::string_view(good).substr(0, good.size() / 2),
                                    R"({"key":"a GPU"})",
                                    R"({"key":"a GPU","roofs":{}})",
                                    R"({"key":"forged","roofs":{}})",
                                    no_speed,
                                    huge};
  for (std::string_view text : texts) {
    ASSERT_TRUE(write_file_atomic(file, text).has_value());
    measured_ = 0;
    EXPECT_EQ(get().value(), roofs_) << text.substr(0, 80);
    EXPECT_EQ(measured_, 1) << text.substr(0, 80);
    EXPECT_EQ(read_file(file).value(), good);
  }
}

TEST_F(GpuRoofsCache, KeepsNothingOfAFailure) {
  const auto failing = [] -> Result<GpuRoofs> { return fail(ErrorCode::kEnvironment, "busy"); };
  EXPECT_FALSE(cached_gpu_roofs(folder_.path(), "a GPU", failing));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(GpuRoofsCache, WorksWithoutAFolder) {
  const auto measure = [this]() -> Result<GpuRoofs> { return roofs_; };
  EXPECT_EQ(cached_gpu_roofs("/proc/no such folder", "key", measure).value(), roofs_);
}

TEST(GpuRoofsKey, TellsDevicesDriversAndPowerModesApart) {
  const DeviceState one{.name = "A", .driver = "1", .cuda = "12.4", .multiprocessor_max_mhz = 900};
  DeviceState other = one;
  EXPECT_EQ(gpu_roofs_key(one), gpu_roofs_key(other));
  other.driver = "2";
  EXPECT_NE(gpu_roofs_key(one), gpu_roofs_key(other));
  other = one;
  other.multiprocessor_max_mhz = 600;
  EXPECT_NE(gpu_roofs_key(one), gpu_roofs_key(other));
  other = one;
  other.temperature_celsius = 60;
  EXPECT_EQ(gpu_roofs_key(one), gpu_roofs_key(other)) << "what changes by the minute is no part";
}

}  // namespace
}  // namespace nitro::cuda
