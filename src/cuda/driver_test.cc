#include "cuda/driver.h"

#include <gtest/gtest.h>

#include "cuda/device.h"

namespace nitro::cuda {
namespace {

TEST(Driver, AMachineWithoutOneSaysSo) {
  const auto loaded = load_driver("libcuda_that_is_not_there.so.1");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kEnvironment);
  EXPECT_EQ(exit_code(loaded.error().code), 4);
  EXPECT_FALSE(loaded.error().hint.empty());
}

TEST(Driver, AnotherLibraryIsNone) {
  const auto loaded = load_driver("libm.so.6");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kEnvironment);
  EXPECT_TRUE(loaded.error().message.contains("cuInit")) << loaded.error().message;
}

TEST(Driver, IsLoadedOnce) {
  const auto first = driver();
  const auto second = driver();
  ASSERT_EQ(first.has_value(), second.has_value());
  if (first) {
    EXPECT_EQ(*first, *second);
  }
}

/// A driver that names its errors, for check().
DriverApi named_errors() {
  DriverApi api{};
  api.get_error_name = [](CUresult, const char** name) -> CUresult {
    *name = "CUDA_ERROR_OF_TEST";
    return kCudaSuccess;
  };
  api.get_error_string = [](CUresult, const char** text) -> CUresult {
    *text = "some words";
    return kCudaSuccess;
  };
  return api;
}

TEST(Driver, FailuresHaveTheirMeaning) {
  const DriverApi api = named_errors();
  EXPECT_TRUE(check(api, kCudaSuccess, "launch"));
  const std::pair<CUresult, ErrorCode> expected[] = {
      {kCudaOutOfMemory, ErrorCode::kOutOfMemory},
      {kCudaNoDevice, ErrorCode::kEnvironment},
      {kCudaNoBinaryForGpu, ErrorCode::kEnvironment},
      {kCudaIllegalAddress, ErrorCode::kRunnerFailed},
      {716, ErrorCode::kRunnerFailed},  // a misaligned address
      {kCudaLaunchFailed, ErrorCode::kRunnerFailed},
      {1, ErrorCode::kInternal},
  };
  for (const auto& [result, code] : expected) {
    const auto checked = check(api, result, "launch a kernel");
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, code) << result;
    EXPECT_EQ(checked.error().message,
              "the CUDA driver could not launch a kernel: CUDA_ERROR_OF_TEST (some words)");
  }
}

TEST(Device, OnlyThoseThatExist) {
  const auto opened = Device::open(1000);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, driver() ? ErrorCode::kUsage : ErrorCode::kEnvironment);
}

TEST(Device, DescribesItself) {
  if (!driver()) GTEST_SKIP() << driver().error().text();
  const auto device = Device::open(0);
  ASSERT_TRUE(device) << device.error().text();
  EXPECT_FALSE((*device)->name().empty());
  EXPECT_GE((*device)->target().compute_capability, 50);
  EXPECT_GE((*device)->target().multiprocessors, 1);
  EXPECT_GE((*device)->target().shared_bytes_per_block, 48 << 10);
  EXPECT_GE((*device)->driver_version(), 10020);
  const Target known = target_of((*device)->target().compute_capability);
  EXPECT_GE((*device)->target().shared_bytes_per_block, known.shared_bytes_per_block);
}

}  // namespace
}  // namespace nitro::cuda
