#include "cuda/device_state.h"

#include <gtest/gtest.h>

#include "cuda/fake_driver.h"

namespace nitro::cuda {
namespace {

TEST(DeviceState, KnowsWhatTheDriverKnows) {
  FakeDriver fake({});
  const DriverApi api = fake.api();
  const auto device = Device::open(0, api);
  ASSERT_TRUE(device) << device.error().text();
  const DeviceState state = read_device_state(**device);
  EXPECT_EQ(state.name, "Fake");
  EXPECT_EQ(state.cuda, "12.8");
  EXPECT_EQ(state.compute_capability, 90);
  EXPECT_EQ(state.memory_bytes, 1 << 30);
  const Json json = to_json(state);
  EXPECT_EQ(json.at("cuda").as_string(), "12.8");
  EXPECT_EQ(json.size(), 14);
}

TEST(DeviceState, OfARealDevice) {
  if (!driver()) GTEST_SKIP() << driver().error().text();
  const auto device = Device::open(0);
  ASSERT_TRUE(device) << device.error().text();
  const DeviceState state = read_device_state(**device);
  EXPECT_GT(state.memory_bytes, 1 << 20);
  EXPECT_GT(state.l2_bytes, 0);
  EXPECT_GT(state.multiprocessor_max_mhz, 0);
  RecordProperty("state", to_json(state).dump());
}

}  // namespace
}  // namespace nitro::cuda
