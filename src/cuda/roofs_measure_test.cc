// Measuring with a driver that has no device, and on a real device where there is one.
#include <gtest/gtest.h>

#include "base/file.h"
#include "cuda/device_state.h"
#include "cuda/fake_driver.h"
#include "cuda/roofs.h"
#include "cuda/testing_nvrtc.h"

namespace nitro::cuda {
namespace {

TEST(MeasureGpuRoofs, ALaunchOfAMillisecondGivesEveryCeiling) {
  NITRO_REQUIRE_NVRTC(kNvrtc12);
  FakeDriver fake({{0, [](auto) {}}});
  const DriverApi api = fake.api();
  EngineOptions options;
  options.driver = &api;
  options.nvrtc = *test_nvrtc(kNvrtc12);
  const auto scratch = ScratchFolder::create("nitro-roofs").value();
  options.cache = CubinCache(scratch.path());
  {
    const auto device = Device::open(0, api).value();
    const auto roofs = measure_gpu_roofs(*device, 50 << 20, options);
    ASSERT_TRUE(roofs) << roofs.error().text();
    EXPECT_NEAR(roofs->launch_ns, 1e6, 1);
    EXPECT_NEAR(roofs->step_ns, 1e6, 1);
    EXPECT_NEAR(roofs->copy_bytes_per_s, 1e3 * 2 * (200 << 20), 1e6);
    EXPECT_NEAR(roofs->cache_copy_bytes_per_s, 1e3 * 64 * (8 << 20), 1e6);
    EXPECT_NEAR(roofs->cache_read_bytes_per_s, 1e3 * 64 * (8 << 20), 1e6);
    EXPECT_EQ(roofs->cache_bytes, 50 << 20);
    EXPECT_NEAR(roofs->fp16_flops, 2 * roofs->fp32_flops, 1e6);
    EXPECT_EQ(gpu_roofs_from_json(to_json(*roofs)).value(), *roofs);
  }
  EXPECT_EQ(fake.live, 0);
}

TEST(MeasureGpuRoofs, NoMemoryIsAnError) {
  NITRO_REQUIRE_NVRTC(kNvrtc12);
  FakeDriver fake({{0, [](auto) {}}});
  fake.free_memory = 16 << 20;
  const DriverApi api = fake.api();
  EngineOptions options;
  options.driver = &api;
  options.nvrtc = *test_nvrtc(kNvrtc12);
  const auto device = Device::open(0, api).value();
  const auto roofs = measure_gpu_roofs(*device, 0, options);
  ASSERT_FALSE(roofs);
  EXPECT_EQ(roofs.error().code, ErrorCode::kOutOfMemory);
}

TEST(GpuRoofsDevice, AreInTheOrderThatHardwareHas) {
  if (!driver()) GTEST_SKIP() << driver().error().text();
  const auto device = Device::open(0).value();
  const DeviceState state = read_device_state(*device);
  const auto measured = measure_gpu_roofs(*device, state.l2_bytes, {});
  ASSERT_TRUE(measured) << measured.error().text() << "; " << measured.error().hint;
  const Json json = to_json(*measured);
  SCOPED_TRACE(state.name + " " + json.dump());
  RecordProperty("roofs", json.dump());
  EXPECT_GT(measured->launch_ns, 100);
  EXPECT_GT(measured->step_ns, measured->launch_ns);
  EXPECT_LT(measured->step_ns, 1e6);
  EXPECT_GT(measured->copy_bytes_per_s, 1e9);
  EXPECT_GT(measured->cache_copy_bytes_per_s, measured->copy_bytes_per_s);
  EXPECT_GT(measured->cache_read_bytes_per_s, measured->cache_copy_bytes_per_s);
  EXPECT_GT(measured->fp32_flops, 1e10);
  if (state.compute_capability >= 80) {
    EXPECT_GT(measured->tensor_flops, measured->fp16_flops);
    EXPECT_GT(measured->tensor_flops, 2 * measured->fp32_flops);
    EXPECT_GT(measured->tensor_int8_flops, 1.5 * measured->tensor_flops);
    EXPECT_GT(measured->int8_flops, measured->fp32_flops);
  } else {
    EXPECT_EQ(measured->tensor_flops, 0);
  }
}

}  // namespace
}  // namespace nitro::cuda
