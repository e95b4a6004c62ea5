#include "cuda/cubin_info.h"

#include <gtest/gtest.h>

#include <random>

#include "cuda/testing_nvrtc.h"

namespace nitro::cuda {
namespace {

const std::vector<std::string> kOptions = {"--std=c++14"};

// One kernel with 512 bytes of shared memory, one whose array cannot be in registers.
constexpr const char* kSource = R"(
extern "C" __global__ void shares(float* p) {
  __shared__ float values[128];
  values[threadIdx.x] = p[threadIdx.x];
  __syncthreads();
  p[threadIdx.x] = values[127 - threadIdx.x];
}
extern "C" __global__ void keeps(float* p, int n) {
  volatile float values[100];
  for (int i = 0; i < n; ++i) values[i] = p[i];
  for (int i = 0; i < n; ++i) p[i] = values[(i * 7) % n];
}
)";

void expect_resources(const Nvrtc& nvrtc, int compute_capability) {
  SCOPED_TRACE(nvrtc.version() + " " + std::to_string(compute_capability));
  const auto cubin = nvrtc.compile(kSource, *nvrtc.architecture(compute_capability), kOptions);
  ASSERT_TRUE(cubin) << cubin.error().text();
  const auto kernels = cubin_info(*cubin);
  ASSERT_TRUE(kernels) << kernels.error().text();
  ASSERT_EQ(kernels->size(), 2);
  const int64_t system_bytes = compute_capability >= 90 ? 1024 : 0;
  EXPECT_EQ((*kernels)[0].name, "keeps");
  EXPECT_EQ((*kernels)[0].local_bytes, 400);
  EXPECT_EQ((*kernels)[1].name, "shares");
  EXPECT_EQ((*kernels)[1].local_bytes, 0);
  EXPECT_EQ((*kernels)[1].shared_bytes, 512 + system_bytes);
  for (const KernelResources& kernel : *kernels) {
    EXPECT_GE(kernel.registers, 4);
    EXPECT_LE(kernel.registers, 64);
  }
}

TEST(CubinInfo, ReadsWhatCuda11Writes) {
  NITRO_REQUIRE_NVRTC(kNvrtc11);
  for (const int capability : {53, 75, 87, 90}) {
    expect_resources(*test_nvrtc(kNvrtc11), capability);
  }
}

TEST(CubinInfo, ReadsWhatCuda12Writes) {
  NITRO_REQUIRE_NVRTC(kNvrtc12);
  for (const int capability : {53, 87, 90, 120}) {
    expect_resources(*test_nvrtc(kNvrtc12), capability);
  }
}

TEST(CubinInfo, RefusesOtherFiles) {
  for (const std::string& bytes :
       {std::string(), std::string("text"), std::string("\177ELF\2\1"), std::string(1000, '\377'),
        "\177ELF\2\1" + std::string(58, '\0'), "\177ELF\2\1" + std::string(58, '\377')}) {
    const auto kernels = cubin_info(bytes);
    ASSERT_FALSE(kernels);
    EXPECT_EQ(kernels.error().code, ErrorCode::kBadFile);
  }
}

TEST(CubinInfo, SurvivesDamage) {
  NITRO_REQUIRE_NVRTC(kNvrtc12);
  const std::string cubin = *test_nvrtc(kNvrtc12)->compile(kSource, "sm_87", kOptions);
  for (size_t size = 0; size < cubin.size(); size += 3) {
    const std::string cut = cubin.substr(0, size);
    const auto kernels = cubin_info(cut);
    EXPECT_TRUE(!kernels || kernels->size() <= 2);
  }
  constexpr unsigned kSeed = 20;
  std::mt19937 random(kSeed);
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = cubin;
    for (int i = 0; i < 1 + round % 8; ++i) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    const auto kernels = cubin_info(damaged);
    EXPECT_TRUE(!kernels || kernels->size() <= 2);
  }
}

}  // namespace
}  // namespace nitro::cuda
