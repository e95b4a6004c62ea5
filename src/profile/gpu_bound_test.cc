#include "profile/gpu_bound.h"

#include <gtest/gtest.h>

namespace nitro::profile {
namespace {

using cuda::Arithmetic;

/// 600, 120 and 60 TFLOP/s on tensor cores, in f16 and f32; a cache of 50 MB that is read at
/// 5 TB/s and copied in at 4, 2.5 TB/s of memory; the smallest step costs 1 us.
constexpr cuda::GpuRoofs kRoofs{2.5e12, 50'000'000, 4e12,    5e12, 60e12, 120e12,
                                600e12, 240e12,     1200e12, 500,  1000};

Explanation explained(const LayerFacts& layer, Arithmetic arithmetic = Arithmetic::kTensor) {
  return explain_on_gpu(layer, arithmetic, kRoofs);
}

bool mentions(const Explanation& explanation, std::string_view words) {
  return explanation.evidence.contains(words);
}

TEST(GpuBound, ComputeUnderTheRoofOfItsArithmetic) {
  const LayerFacts layer{.time_ns = 10'000, .flops = 2.7e9, .bytes = 1e6};
  const Explanation tensor = explained(layer);
  EXPECT_EQ(tensor.bound, Bound::kCompute);
  EXPECT_EQ(tensor.evidence, "It reaches 45 % of the tensor roof (600 TFLOP/s).");
  const LayerFacts slower{.time_ns = 50'000, .flops = 2.7e9, .bytes = 1e6};
  EXPECT_EQ(explained(slower).bound, Bound::kUnknown) << "9 % of the tensor roof";
  EXPECT_TRUE(mentions(explained(slower, Arithmetic::kF16), "45 % of the FP16 roof (120 TFLOP/s)"));
  EXPECT_TRUE(mentions(explained(slower, Arithmetic::kF32), "90 % of the FP32 roof (60 TFLOP/s)"));
}

TEST(GpuBound, FortyPercentIsTheLimit) {
  EXPECT_EQ(explained({.time_ns = 10'000, .flops = 2.41e9}).bound, Bound::kCompute);
  EXPECT_EQ(explained({.time_ns = 10'000, .flops = 2.39e9}).bound, Bound::kUnknown);
  EXPECT_EQ(explained({.time_ns = 10'000, .flops = 1, .bytes = 20.1e6}).bound, Bound::kMemory);
  EXPECT_EQ(explained({.time_ns = 10'000, .flops = 1, .bytes = 19.9e6}).bound, Bound::kUnknown);
  EXPECT_EQ(explained({.time_ns = 2'490, .flops = 1}).bound, Bound::kLaunch);
  EXPECT_EQ(explained({.time_ns = 2'510, .flops = 1}).bound, Bound::kUnknown);
}

TEST(GpuBound, WavesThatLeaveMultiprocessorsIdle) {
  EXPECT_EQ(idle_share(1), 0);
  EXPECT_EQ(idle_share(2), 0);
  EXPECT_DOUBLE_EQ(idle_share(0.25), 0.75);
  EXPECT_DOUBLE_EQ(idle_share(1.125), 0.4375);
  LayerFacts layer{.time_ns = 10'000, .flops = 1, .waves = 1.125};
  EXPECT_EQ(explained(layer).bound, Bound::kWave);
  EXPECT_EQ(explained(layer).evidence,
            "Its blocks are 1.12 for each multiprocessor, which leaves these idle for 44 % of the "
            "time.");
  layer.waves = 1.25;
  EXPECT_EQ(explained(layer).bound, Bound::kUnknown) << "idle for 37.5 %";
  EXPECT_EQ(explained({.time_ns = 10'000, .flops = 2.7e9, .waves = 0.25}).bound, Bound::kCompute);
  EXPECT_EQ(explained({.time_ns = 2'000, .flops = 1, .waves = 0.25}).bound, Bound::kLaunch);
}

TEST(GpuBound, MemoryIsTheCacheWhereItHoldsTheBytes) {
  const Explanation cache = explained({.time_ns = 16'000, .flops = 1e6, .bytes = 50e6});
  EXPECT_EQ(cache.bound, Bound::kMemory);
  EXPECT_EQ(cache.evidence,
            "It reaches 62 % of the second-level cache's read bandwidth (5000 GB/s).");
  const Explanation memory = explained({.time_ns = 32'000, .flops = 1e6, .bytes = 60e6});
  EXPECT_EQ(memory.bound, Bound::kMemory);
  EXPECT_EQ(memory.evidence, "It reaches 75 % of the device memory's copy bandwidth (2500 GB/s).");
}

TEST(GpuBound, WhatBlocksReadAgainPassesTheCache) {
  LayerFacts layer{.time_ns = 4'000, .flops = 0.2e9, .bytes = 2e6};
  EXPECT_EQ(explained(layer).bound, Bound::kUnknown);
  layer.operand_bytes = 12e6;
  EXPECT_EQ(explained(layer).bound, Bound::kMemory);
  EXPECT_EQ(
      explained(layer).evidence,
      "It reaches 60 % of the second-level cache's read bandwidth (5000 GB/s), moving 12.00 MB "
      "where 2.00 would do.");
  layer.operand_bytes = 1e6;
  EXPECT_EQ(explained(layer).bound, Bound::kUnknown) << "results are bytes, too";
  const LayerFacts beyond{.time_ns = 100'000, .flops = 1, .bytes = 60e6, .operand_bytes = 500e6};
  EXPECT_TRUE(mentions(explained(beyond), "24 % of the device memory's")) << "it is not in there";
}

TEST(GpuBound, TheLargerShareOfTwoWins) {
  const LayerFacts both{.time_ns = 10'000, .flops = 3e9, .bytes = 30e6};
  EXPECT_EQ(explained(both).bound, Bound::kMemory) << "60 % against 50 %";
  const LayerFacts more_work{.time_ns = 10'000, .flops = 4.2e9, .bytes = 30e6};
  EXPECT_EQ(explained(more_work).bound, Bound::kCompute);
}

TEST(GpuBound, LaunchWhereAnEmptyKernelCostsAsMuch) {
  const Explanation found = explained({.time_ns = 1'400, .flops = 1e5, .bytes = 1e5});
  EXPECT_EQ(found.bound, Bound::kLaunch);
  EXPECT_TRUE(mentions(found, "1.40 us") && mentions(found, "1.00 us")) << found.evidence;
  EXPECT_EQ(explained({.time_ns = 1'400, .flops = 0.5e9, .bytes = 1e5}).bound, Bound::kCompute)
      << "short, and busy all the time";
  EXPECT_EQ(explained({.time_ns = 1'400, .bytes = 1e5, .only_movement = true}).bound,
            Bound::kLaunch);
}

TEST(GpuBound, LayoutForPureMovement) {
  const Explanation found = explained({.time_ns = 10'000, .bytes = 25e6, .only_movement = true});
  EXPECT_EQ(found.bound, Bound::kLayout);
  EXPECT_TRUE(mentions(found, "25.00 MB") &&
              mentions(found, "62 % of the second-level cache's copy"))
      << found.evidence;
}

TEST(GpuBound, UnknownNamesAllRoofs) {
  const Explanation found = explained({.time_ns = 5'000, .flops = 0.6e9, .bytes = 2.5e6});
  EXPECT_EQ(found.bound, Bound::kUnknown);
  for (const char* words :
       {"20 % of the tensor roof", "10 % of the second-level", "5.00 us", "1.00 us"})
    EXPECT_TRUE(mentions(found, words)) << found.evidence;
  EXPECT_LT(found.evidence.size(), 240U) << "what the page shows of it";
  EXPECT_EQ(explained({.time_ns = 0, .flops = 1e6, .bytes = 1e6}).bound, Bound::kUnknown);
}

TEST(GpuBound, ADeviceWithoutTensorCoresOrAKnownCache) {
  const cuda::GpuRoofs old{20e9, 0, 0, 0, 0.2e12, 0, 0, 2000, 3000};
  const LayerFacts layer{.time_ns = 1e6, .flops = 0.16e9, .bytes = 1e6};
  const Explanation found = explain_on_gpu(layer, Arithmetic::kTensor, old);
  EXPECT_EQ(found.evidence, "It reaches 80 % of the FP32 roof (0.2 TFLOP/s).");
  const LayerFacts moving{.time_ns = 1e6, .flops = 1, .bytes = 10e6};
  EXPECT_TRUE(
      mentions(explain_on_gpu(moving, Arithmetic::kF16, old), "50 % of the device memory's"));
}

TEST(GpuBound, IntegersHaveRoofsOfTheirOwn) {
  const LayerFacts layer{.time_ns = 10'000, .flops = 6e9, .bytes = 1e6};
  EXPECT_TRUE(mentions(explained(layer, Arithmetic::kTensorInt8), "50 % of the tensor INT8 roof"));
  const LayerFacts slower{.time_ns = 50'000, .flops = 6e9, .bytes = 1e6};
  EXPECT_TRUE(mentions(explained(slower, Arithmetic::kInt8), "50 % of the INT8 roof"));
}

TEST(GpuBound, CountersAreBelievedAndTold) {
  LayerFacts layer{.time_ns = 4000, .flops = 1e8, .bytes = 2e6, .operand_bytes = 12e6};
  layer.counters = {.cache_bytes = 10e6, .issue_share = 0.31, .warp_share = 0.125};
  const Explanation found = explained(layer);
  EXPECT_EQ(found.bound, Bound::kMemory);
  EXPECT_TRUE(mentions(found, "50 % of the second-level cache's read bandwidth"));
  EXPECT_TRUE(mentions(found, "moving 10.00 MB where 2.00 would do"));
  EXPECT_TRUE(mentions(found, "The hardware counts 31 % of its cycles"));
  EXPECT_FALSE(mentions(found, "tensor cores"));
}

}  // namespace
}  // namespace nitro::profile
