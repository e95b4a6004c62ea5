#include <gtest/gtest.h>

#include "base/file.h"
#include "predict/device.h"

namespace nitro::predict {
namespace {

constexpr std::string_view kDevice = R"(
name = "mine"
title = "A board of mine"
arch = "sm_53"
multiprocessors = 2
gpu_mhz = 1000
fp32_per_clock = 256
fp16_per_clock = 512
bytes_per_s = 1e10
memory_bytes = 4000000000
source = "measured"
)";

std::string error_of(std::string text) {
  const auto device = read_device(text, "mine.toml");
  return device ? "" : device.error().text();
}

std::string replaced(std::string_view from, std::string_view to) {
  std::string text(kDevice);
  return text.replace(text.find(from), from.size(), to);
}

TEST(Devices, AFileOfTheUser) {
  const auto device = read_device(kDevice, "mine.toml");
  ASSERT_TRUE(device.has_value());
  EXPECT_EQ(device->flops(Precision::kFp32), 512e9);
  EXPECT_EQ(device->flops(Precision::kFp16), 1024e9);
  EXPECT_EQ(device->host_slowdown, 1);
  EXPECT_FALSE(device->has_int8);
}

TEST(Devices, BadFilesNameFileAndProblem) {
  EXPECT_NE(error_of(replaced("gpu_mhz = 1000", "gpu_mhz = ")).find("mine.toml, line 6"),
            std::string::npos);
  EXPECT_NE(error_of(replaced("gpu_mhz = 1000\n", "")).find("'gpu_mhz' is missing"),
            std::string::npos);
  EXPECT_NE(error_of(replaced("1000", "-1")).find("'gpu_mhz' must be positive"), std::string::npos);
  EXPECT_NE(error_of(replaced("1000", "nan")).find("must be positive"), std::string::npos);
  EXPECT_NE(error_of(replaced("1000", "\"fast\"")).find("must be a number"), std::string::npos);
  EXPECT_NE(error_of(replaced("\"sm_53\"", "53")).find("'arch' must be text"), std::string::npos);
  EXPECT_NE(error_of(std::string(kDevice) + "colour = 1\n").find("line 12: unknown key 'colour'"),
            std::string::npos);
  EXPECT_EQ(error_of(std::string(kDevice) + "has_int8 = true\nhost_slowdown = 2\n"), "");
}

Device calibrated_device() {
  Device device = *read_device(kDevice, "mine.toml");
  device.title = "a \"board\" of \\ mine\n";
  device.gpu_mhz = 921.6;
  device.bytes_per_s = 2.0 / 3 * 1e11;
  device.rates["nitro"] = {{.convolution = 0.1 / 3}, 0.123, "measured"};
  device.rates["tensorrt-8"] = {{.start_ns = 1.5e5}, 0.2, "by trtexec"};
  return device;
}

TEST(Devices, WhatIsWrittenReadsBackExactly) {
  const auto again = read_device(to_toml(calibrated_device()), "again");
  ASSERT_TRUE(again.has_value()) << again.error().text();
  EXPECT_EQ(*again, calibrated_device());
  const std::vector<Device> shipped = *devices("/none");
  for (const Device& device : shipped) EXPECT_EQ(*read_device(to_toml(device), "again"), device);
}

TEST(Devices, RatesOfTheirOwnReplaceThoseOfTheRuntime) {
  const Device device = calibrated_device();
  const auto nitro = find_runtime_on(device, "nitro", Precision::kFp32);
  ASSERT_TRUE(nitro.has_value());
  EXPECT_TRUE(nitro->own_plan && nitro->rare.empty() && is_fitted_to(*nitro, device));
  EXPECT_EQ(nitro->rates, device.rates.at("nitro").rates);
  EXPECT_EQ(nitro->spread, 0.123);
  EXPECT_EQ(find_runtime_on(*find_device("jetson-nano"), "nitro", Precision::kFp16)->rates,
            (*find_runtime("nitro"))->rates);
  EXPECT_FALSE(find_runtime_on(device, "tensorrt-9", Precision::kFp16).has_value());
  Device tensor_cores = device;
  tensor_cores.fp16_per_clock = 8 * device.fp32_per_clock;
  EXPECT_EQ(find_runtime_on(tensor_cores, "nitro", Precision::kFp16)->spread, 0.123);
  EXPECT_FALSE(is_fitted_to(*find_runtime_on(tensor_cores, "nitro", Precision::kFp32), device));
}

TEST(Devices, BadRatesNameTheirTableAndProblem) {
  const std::string text = to_toml(calibrated_device());
  const auto error = [&](std::string_view from, std::string_view to) {
    std::string changed = text;
    return error_of(changed.replace(changed.find(from), from.size(), to));
  };
  EXPECT_NE(error("[rates.nitro]", "[rates.mine]").find("'rates.mine' must be the table of a"),
            std::string::npos);
  EXPECT_NE(error("spread = 0.123", "").find("[rates.nitro]: 'spread' is missing"),
            std::string::npos);
  EXPECT_NE(error("spread = 0.123", "spread = -1").find("'spread' must be positive"),
            std::string::npos);
  EXPECT_NE(error("winograd = 0.5\n", "").find("'winograd' is missing"), std::string::npos);
  EXPECT_NE(error("winograd = 0.5", "winogrand = 0.5").find("'winograd' is missing"),
            std::string::npos);
  EXPECT_NE(error_of(std::string(kDevice) + "rates = 1\n").find("'rates' must be a table"),
            std::string::npos);
  EXPECT_NE(error_of(std::string(kDevice) + "rates.nitro = 1\n").find("table of a runtime"),
            std::string::npos);
}

TEST(Devices, ThoseOfTheUserReplaceOthers) {
  const auto folder = ScratchFolder::create("nitro-devices");
  ASSERT_TRUE(folder.has_value());
  const size_t shipped = devices(folder->path() / "none")->size();
  EXPECT_EQ(shipped, 9U);
  ASSERT_TRUE(write_file_atomic(folder->path() / "a.toml", kDevice).has_value());
  ASSERT_TRUE(write_file_atomic(folder->path() / "b.toml", replaced("\"mine\"", "\"jetson-nano\""))
                  .has_value());
  ASSERT_TRUE(write_file_atomic(folder->path() / "notes.txt", "no device").has_value());
  const auto all = devices(folder->path());
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->size(), shipped + 1);
  for (const Device& device : *all) {
    if (device.name == "jetson-nano") {
      EXPECT_EQ(device.gpu_mhz, 1000);
    }
  }
  ASSERT_TRUE(write_file_atomic(folder->path() / "c.toml", "name = 1").has_value());
  EXPECT_FALSE(devices(folder->path()).has_value());
}

TEST(Devices, NamesAreSuggested) {
  EXPECT_TRUE(find_device("jetson-nano-5w").has_value());
  const auto wrong = find_device("jetson-nan");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, ErrorCode::kUsage);
  EXPECT_EQ(wrong.error().hint, "did you mean 'jetson-nano'?");
  EXPECT_FALSE(find_device("missing.toml").has_value());
}

TEST(Runtimes, WhatIsWrittenReadsBack) {
  ASSERT_FALSE(runtimes().empty());
  for (const Runtime& runtime : runtimes()) {
    const auto again = read_runtime(to_toml(runtime), "again");
    ASSERT_TRUE(again.has_value()) << again.error().text();
    EXPECT_EQ(again->rates, runtime.rates);
    EXPECT_EQ(again->spread, runtime.spread);
    EXPECT_EQ(again->source, runtime.source);
    EXPECT_EQ(again->fusion, runtime.fusion);
    EXPECT_EQ(again->devices, runtime.devices);
    EXPECT_EQ(again->rare, runtime.rare);
    std::string wrong = to_toml(runtime);
    wrong.insert(wrong.find("source"), "unknown = 1\n");
    EXPECT_FALSE(read_runtime(wrong, "wrong").has_value());
  }
  EXPECT_FALSE(read_runtime("name = \"x\"", "x").has_value());
  EXPECT_FALSE(find_runtime("tensorrt-9").has_value());
}

TEST(Runtimes, UnknownWordsAreNamed) {
  const auto error_of = [](std::string_view from, std::string_view to) {
    std::string text = to_toml(**find_runtime("tensorrt-10-ampere"));
    const auto read = read_runtime(text.replace(text.find(from), from.size(), to), "mine.toml");
    return read ? "" : read.error().message;
  };
  EXPECT_EQ(error_of("fusion = \"tensorrt-10\"", "fusion = \"tensorrt-9\""),
            "mine.toml: 'fusion' cannot be 'tensorrt-9'");
  EXPECT_EQ(error_of("\"pool\"", "\"poll\""), "mine.toml: 'rare' cannot be 'poll'");
  EXPECT_EQ(error_of("\"pool\"", "1"), "mine.toml: 'rare' must be a list of texts");
}

TEST(Runtimes, EachDeviceHasTheOneThatIsUsualThere) {
  const std::vector<Device> all = *devices("");
  for (const Device& device : all) EXPECT_TRUE(find_runtime(device.runtime).has_value());
  EXPECT_TRUE(is_fitted_to(**find_runtime("tensorrt-8"), *find_device("jetson-nano")));
  EXPECT_FALSE(is_fitted_to(**find_runtime("tensorrt-8"), *find_device("jetson-tx2")));
}

}  // namespace
}  // namespace nitro::predict
