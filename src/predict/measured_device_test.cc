#include "predict/measured_device.h"

#include <gtest/gtest.h>

namespace nitro::predict {
namespace {

RunnerDescription description() {
  RunnerDescription made;
  made.info.runner = "cuda";
  made.info.environment = Json::object({{"device", "Orin"},
                                        {"compute_capability", 87},
                                        {"multiprocessors", 8},
                                        {"highest_gpu_mhz", 1000},
                                        {"gpu_memory_bytes", int64_t{8} << 30}});
  made.roofs = cuda::GpuRoofs{.copy_bytes_per_s = 5e10,
                              .fp32_flops = 1e12,
                              .fp16_flops = 2e12,
                              .tensor_flops = 1e13,
                              .int8_flops = 4e12,
                              .tensor_int8_flops = 2e13};
  return made;
}

TEST(MeasuredDevice, HasThePeaksThatWereMeasured) {
  const auto device = measured_device(description(), "mine");
  ASSERT_TRUE(device.has_value()) << device.error().text();
  EXPECT_EQ(device->name, "mine");
  EXPECT_EQ(device->title, "Orin");
  EXPECT_EQ(device->arch, "sm_87");
  EXPECT_DOUBLE_EQ(device->flops(Precision::kFp32), 1e12);
  EXPECT_DOUBLE_EQ(device->flops(Precision::kFp16), 1e13);
  EXPECT_EQ(device->bytes_per_s, 5e10);
  EXPECT_TRUE(device->has_int8);
  EXPECT_NE(device->source.find("tensor cores"), std::string::npos);
  EXPECT_EQ(*read_device(to_toml(*device), "again"), *device);
}

TEST(MeasuredDevice, ABoardIsItsModelAndItsPowerMode) {
  RunnerDescription board = description();
  board.info.environment["board"] =
      Json::object({{"model", "NVIDIA Jetson Nano"},
                    {"power_mode", 1},
                    {"gpu_mhz", Json::object({{"now", 76.8}, {"most", 640}})}});
  board.roofs->tensor_flops = board.roofs->tensor_int8_flops = board.roofs->int8_flops = 0;
  const Device device = *measured_device(board, "nano");
  EXPECT_EQ(device.title, "NVIDIA Jetson Nano, power mode 1");
  EXPECT_EQ(device.gpu_mhz, 640);
  EXPECT_DOUBLE_EQ(device.flops(Precision::kFp16), 2e12);
  EXPECT_FALSE(device.has_int8);
}

TEST(MeasuredDevice, WhatIsMissingIsNamedWithARemedy) {
  const auto refused = [](const RunnerDescription& given) {
    const auto device = measured_device(given, "mine");
    EXPECT_FALSE(device.has_value());
    EXPECT_EQ(device.error().code, ErrorCode::kEnvironment);
    EXPECT_NE(device.error().hint.find("--like"), std::string::npos);
    return device.error().message;
  };
  RunnerDescription given = description();
  given.roofs.reset();
  EXPECT_NE(refused(given).find("peaks"), std::string::npos);
  for (const auto& [key, word] :
       std::map<std::string, std::string>{{"multiprocessors", "multiprocessors"},
                                          {"highest_gpu_mhz", "clock"},
                                          {"gpu_memory_bytes", "memory"}}) {
    for (const Json& value : {Json(), Json("much"), Json(-1)}) {
      given = description();
      given.info.environment[key] = value;
      EXPECT_NE(refused(given).find(word), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace nitro::predict
