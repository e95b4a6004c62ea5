#include "cuda/roofs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "cuda/roof_probes.h"

namespace nitro::cuda {
namespace {

constexpr GpuRoofs kRoofs{2.9e12, 50 << 20, 5.5e12,  7e12, 60e12, 120e12,
                          620e12, 240e12,   1200e12, 500,  1000};

TEST(GpuRoofs, AreReadAsTheyAreWritten) {
  const Json json = Json::parse(to_json(kRoofs).dump()).value();
  EXPECT_EQ(gpu_roofs_from_json(json).value(), kRoofs);
}

TEST(GpuRoofs, WhatADeviceLacksIsZero) {
  const GpuRoofs old{20e9, 0, 0, 0, 0.2e12, 0, 0, 0, 0, 2000, 3000};
  EXPECT_EQ(gpu_roofs_from_json(to_json(old)).value(), old);
}

TEST(GpuRoofs, RefusesWhatCannotBe) {
  const auto refuses = [](std::string_view key, Json value) {
    Json json = to_json(kRoofs);
    json[key] = std::move(value);
    const auto read = gpu_roofs_from_json(json);
    ASSERT_FALSE(read) << key;
    EXPECT_TRUE(read.error().message.contains(key)) << read.error().message;
  };
  for (const char* key : {"copy_bytes_per_s", "fp32_flops", "launch_ns", "step_ns"}) {
    refuses(key, 0);
    refuses(key, Json());
    refuses(key, "fast");
  }
  for (const char* key : {"tensor_flops", "int8_flops", "tensor_int8_flops", "fp16_flops",
                          "cache_copy_bytes_per_s", "cache_read_bytes_per_s", "cache_bytes"}) {
    refuses(key, -1);
    refuses(key, Json());
  }
  refuses("tensor_flops", std::numeric_limits<double>::infinity());
  refuses("cache_bytes", 0);
  Json without_reads = to_json(kRoofs);
  without_reads["cache_read_bytes_per_s"] = 0;
  EXPECT_FALSE(gpu_roofs_from_json(without_reads));
  EXPECT_FALSE(gpu_roofs_from_json({}));
  EXPECT_FALSE(gpu_roofs_from_json(Json::array()));
}

std::vector<double GpuRoofs::*> measured_of(int compute_capability, int64_t cache_bytes) {
  std::vector<double GpuRoofs::*> measured;
  for (const RoofProbe& probe : roof_probes(target_of(compute_capability), cache_bytes)) {
    measured.push_back(probe.roof);
  }
  return measured;
}

TEST(RoofProbes, AreThoseThatTheDeviceHas) {
  EXPECT_EQ(measured_of(90, 50 << 20).size(), 10U);
  EXPECT_EQ(measured_of(75, 4 << 20).size(), 8U);
  const auto oldest = measured_of(50, 0);
  EXPECT_EQ(oldest.size(), 4U);
  for (const auto member : {&GpuRoofs::fp16_flops, &GpuRoofs::tensor_flops, &GpuRoofs::int8_flops,
                            &GpuRoofs::tensor_int8_flops, &GpuRoofs::cache_copy_bytes_per_s,
                            &GpuRoofs::cache_read_bytes_per_s}) {
    EXPECT_EQ(std::ranges::count(oldest, member), 0);
  }
}

/// Work of all launches against what their text says, by another way.
TEST(RoofProbes, CountTheirWork) {
  for (const RoofProbe& probe : roof_probes(target_of(90), 50 << 20)) {
    const double threads = static_cast<double>(probe.program.grid[0] * probe.program.threads);
    if (probe.roof == &GpuRoofs::fp32_flops) {
      EXPECT_EQ(probe.work, threads * 4096 * 8 * 2);
    }
    if (probe.roof == &GpuRoofs::tensor_flops) {
      EXPECT_EQ(probe.work, threads / 32 * 1024 * 4 * (2 * 16 * 8 * 16));
    }
    if (probe.roof == &GpuRoofs::int8_flops) {
      EXPECT_EQ(probe.work, threads * 4096 * 8 * 4 * 2);
    }
    if (probe.roof == &GpuRoofs::tensor_int8_flops) {
      EXPECT_EQ(probe.work, threads / 32 * 1024 * 4 * (2 * 16 * 8 * 32));
    }
    if (probe.roof == &GpuRoofs::copy_bytes_per_s) {
      EXPECT_EQ(probe.work, static_cast<double>(probe.read_bytes + probe.write_bytes));
      EXPECT_GE(probe.read_bytes, 4 * (50 << 20));
    }
    if (probe.roof == &GpuRoofs::cache_copy_bytes_per_s) {
      EXPECT_EQ(probe.read_bytes + probe.write_bytes, 8 << 20);
      EXPECT_EQ(probe.work, 64.0 * (8 << 20));
    }
    if (probe.roof == &GpuRoofs::cache_read_bytes_per_s) {
      EXPECT_EQ(probe.read_bytes, 8 << 20);
      EXPECT_EQ(probe.work, 64.0 * (8 << 20));
      EXPECT_EQ(probe.write_bytes, static_cast<int64_t>(threads) * 4);
    }
    if (probe.roof == &GpuRoofs::launch_ns) {
      EXPECT_EQ(probe.work, 0);
    }
    if (probe.roof == &GpuRoofs::step_ns) {
      EXPECT_EQ(probe.work, 0);
      EXPECT_EQ(probe.read_bytes, static_cast<int64_t>(threads) * 16)
          << "one piece for each thread";
    }
  }
}

TEST(RoofProbes, ASmallCacheHoldsTheCopy) {
  for (const RoofProbe& probe : roof_probes(target_of(53), 256 << 10)) {
    if (probe.roof != &GpuRoofs::cache_copy_bytes_per_s) continue;
    EXPECT_EQ(probe.read_bytes + probe.write_bytes, 128 << 10);
  }
}

}  // namespace
}  // namespace nitro::cuda
