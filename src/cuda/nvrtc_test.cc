#include "cuda/nvrtc.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <thread>

#include "base/file.h"
#include "cuda/cubin_info.h"
#include "cuda/find_nvrtc.h"
#include "cuda/testing_nvrtc.h"

namespace nitro::cuda {
namespace {

const std::vector<std::string> kOptions = {"--std=c++14"};

std::string kernel_that_adds(int number) {
  return "extern \"C\" __global__ void step(int* p) { *p += " + std::to_string(number) + "; }";
}

bool is_cubin(std::string_view binary) { return binary.starts_with("\177ELF"); }

/// Sets an environment variable, and back at the end.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value, 1);
  }
  ~Environment() { before_.empty() ? unsetenv(name_) : setenv(name_, before_.c_str(), 1); }

 private:
  const char* name_;
  std::string before_;
};

TEST(Nvrtc, CompilesForTheJetsonNanoWithCuda11) {
  NITRO_REQUIRE_NVRTC(kNvrtc11);
  const Nvrtc& nvrtc = *test_nvrtc(kNvrtc11);
  EXPECT_EQ(nvrtc.version(), "11.8");
  EXPECT_EQ(*nvrtc.architecture(53), "sm_53");
  const auto binary = nvrtc.compile(kernel_that_adds(1), "sm_53", kOptions);
  ASSERT_TRUE(binary) << binary.error().text();
  EXPECT_TRUE(is_cubin(*binary));
}

TEST(Nvrtc, CompilesForNewerDevicesWithCuda12) {
  NITRO_REQUIRE_NVRTC(kNvrtc12);
  const Nvrtc& nvrtc = *test_nvrtc(kNvrtc12);
  EXPECT_EQ(*nvrtc.architecture(87), "sm_87");
  EXPECT_EQ(*nvrtc.architecture(90), "sm_90a");
  for (const int capability : {53, 87, 90}) {
    const auto binary =
        nvrtc.compile(kernel_that_adds(1), *nvrtc.architecture(capability), kOptions);
    ASSERT_TRUE(binary) << binary.error().text();
    EXPECT_TRUE(is_cubin(*binary));
  }
}

TEST(Nvrtc, GivesPtxForDevicesNewerThanItself) {
  NITRO_REQUIRE_NVRTC(kNvrtc11);
  const Nvrtc& nvrtc = *test_nvrtc(kNvrtc11);
  ASSERT_EQ(*nvrtc.architecture(120), "compute_90");
  const auto binary = nvrtc.compile(kernel_that_adds(1), "compute_90", kOptions);
  ASSERT_TRUE(binary) << binary.error().text();
  EXPECT_TRUE(binary->contains(".target sm_90"));
  EXPECT_FALSE(cubin_info(*binary));
}

TEST(Nvrtc, RefusesDevicesThatItHasDropped) {
  NITRO_REQUIRE_NVRTC(kNvrtc12);
  const auto architecture = test_nvrtc(kNvrtc12)->architecture(35);
  ASSERT_FALSE(architecture);
  EXPECT_EQ(architecture.error().code, ErrorCode::kEnvironment);
  EXPECT_FALSE(architecture.error().hint.empty());
}

TEST(Nvrtc, AnErrorCarriesTheLog) {
  NITRO_REQUIRE_NVRTC(kNvrtc12);
  const auto binary = test_nvrtc(kNvrtc12)->compile("__global__ void step() { nonsense(); }",
                                                    "sm_87", kOptions);
  ASSERT_FALSE(binary);
  EXPECT_EQ(binary.error().code, ErrorCode::kInternal);
  EXPECT_TRUE(binary.error().message.contains("nonsense")) << binary.error().message;
}

TEST(Nvrtc, OfALongLogTheStartIsEnough) {
  NITRO_REQUIRE_NVRTC(kNvrtc12);
  std::string source = "__global__ void step() {\n";
  for (int i = 0; i < 90; ++i) source += fmt::format("nonsense_{}();\n", i);
  const auto binary = test_nvrtc(kNvrtc12)->compile(source + "}", "sm_87", kOptions);
  ASSERT_FALSE(binary);
  EXPECT_TRUE(binary.error().message.contains("nonsense_0")) << binary.error().message;
  EXPECT_LT(binary.error().message.size(), 2200);
}

TEST(Nvrtc, ThreadsCompileAtTheSameTime) {
  NITRO_REQUIRE_NVRTC(kNvrtc12);
  const Nvrtc& nvrtc = *test_nvrtc(kNvrtc12);
  std::array<std::string, 4> alone;
  for (size_t i = 0; i < alone.size(); ++i) {
    alone[i] = *nvrtc.compile(kernel_that_adds(static_cast<int>(i)), "sm_87", kOptions);
  }
  std::array<std::string, 4> together;
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < together.size(); ++i) {
      threads.emplace_back([&nvrtc, &together, i] {
        together[i] = *nvrtc.compile(kernel_that_adds(static_cast<int>(i)), "sm_87", kOptions);
      });
    }
  }
  EXPECT_EQ(alone, together);
}

TEST(Nvrtc, OnlyAnNvrtcIsOne) {
  for (const char* library : {"/nowhere/libnvrtc.so", "libm.so.6"}) {
    const auto opened = Nvrtc::open(library);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::kEnvironment);
  }
}

TEST(FindNvrtc, TheVariableDecides) {
  const Environment variable("NITRO_NVRTC", "/nowhere/libnvrtc.so");
  const auto found = find_nvrtc({});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kEnvironment);
  EXPECT_TRUE(found.error().text().contains("NITRO_NVRTC"));
  EXPECT_FALSE(found.error().hint.empty());
}

TEST(FindNvrtc, ThePackagesOfAFolder) {
  NITRO_REQUIRE_NVRTC(kNvrtc12);
  const auto packages = test_nvrtc_path(kNvrtc12).parent_path().parent_path().parent_path();
  NvrtcWish wish;
  wish.compute_capability = 53;
  wish.package_folders = {packages.parent_path()};
  const auto nano = find_nvrtc(wish);
  ASSERT_TRUE(nano) << nano.error().text();
  EXPECT_EQ(*nano->architecture(53), "sm_53");

  wish.compute_capability = 87;
  wish.driver_version = 11040;
  const auto old_driver = find_nvrtc(wish);
  ASSERT_TRUE(old_driver) << old_driver.error().text();
  EXPECT_LE(old_driver->major(), 11);
}

}  // namespace
}  // namespace nitro::cuda
