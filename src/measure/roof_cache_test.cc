#include "measure/roof_cache.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace nitro::measure {
namespace {

class RoofCache : public testing::Test {
 protected:
  Roofs get(const char* key = "a machine") {
    return cached_roofs(folder_.path(), key, [this] {
      ++measured_;
      return roofs_;
    });
  }
  std::filesystem::path only_file() const {
    return std::filesystem::directory_iterator(folder_.path())->path();
  }

  ScratchFolder folder_ = ScratchFolder::create("nitro-roofs").value();
  Roofs roofs_{.by_threads = {{.threads = 1, .fp32_flops = 1e11}}, .dispatch_ns = 4000};
  int measured_ = 0;
};

TEST_F(RoofCache, MeasuresOnce) {
  EXPECT_EQ(get(), roofs_);
  EXPECT_EQ(get(), roofs_);
  EXPECT_EQ(measured_, 1);
}

TEST_F(RoofCache, MeasuresAgainForAnotherMachine) {
  get();
  get("another machine");
  EXPECT_EQ(measured_, 2);
}

TEST_F(RoofCache, ReplacesAMalformedFile) {
  get();
  const std::filesystem::path file = only_file();
  const std::string good = read_file(file).value();
  const std::string huge(2 << 20, ' ');
  const std::string_view texts[] = {"",
                                    "not json",
                                    "null",
                                    std::string_view(good).substr(0, good.size() / 2),
                                    R"({"key":"a machine"})",
                                    R"({"key":"a machine","roofs":{}})",
                                    R"({"key":"forged","roofs":{}})",
                                    huge};
  for (std::string_view text : texts) {
    ASSERT_TRUE(write_file_atomic(file, text).has_value());
    measured_ = 0;
    EXPECT_EQ(get(), roofs_) << text.substr(0, 80);
    EXPECT_EQ(measured_, 1) << text.substr(0, 80);
    EXPECT_EQ(read_file(file).value(), good);
  }
}

TEST_F(RoofCache, DoesNotKeepDisturbedRoofs) {
  roofs_.disturbed = true;
  get();
  get();
  EXPECT_EQ(measured_, 2);
}

TEST_F(RoofCache, WorksWithoutAFolder) {
  const auto measure = [this] { return roofs_; };
  EXPECT_EQ(cached_roofs("/proc/no such folder", "key", measure), roofs_);
}

TEST(RoofKey, TellsMachinesApart) {
  const Environment one{.cpu_model = "A", .microcode = "1", .processors = 2};
  Environment other = one;
  EXPECT_EQ(roof_key(one), roof_key(other));
  other.microcode.push_back('2');
  EXPECT_NE(roof_key(one), roof_key(other));
  other = one;
  other.usable_processors = 1;
  EXPECT_NE(roof_key(one), roof_key(other));
}

}  // namespace
}  // namespace nitro::measure
