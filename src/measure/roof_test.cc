#include "measure/roof.h"

#include <gtest/gtest.h>

#include "measure/roof_bandwidth.h"
#include "measure/roof_kernels.h"

namespace nitro::measure {
namespace {

Roofs example() {
  Roofs roofs;
  roofs.by_threads = {{1, 1e11, 4e11, 3e11, 2e11, 1e11, 2e10}, {4, 4e11, {}, 12e11, {}, {}, 3e10}};
  roofs.dispatch_ns = 5000;
  roofs.fp32_isa = "avx2";
  return roofs;
}

TEST(Roofs, JsonHasTheKeysAndReadsBack) {
  const Json json = to_json(example());
  const Json& one = json.at("threads").at("1");
  for (const char* key : {"fp32_flops", "int8_ops", "l1_bytes_per_s", "l2_bytes_per_s",
                          "l3_bytes_per_s", "dram_bytes_per_s"}) {
    EXPECT_TRUE(one.at(key).is_number()) << key;
  }
  EXPECT_EQ(json.at("dispatch_ns").as_number(), 5000);
  EXPECT_EQ(roofs_from_json(Json::parse(json.dump()).value()).value(), example());
}

TEST(Roofs, RefuseMalformedJson) {
  for (const char* text :
       {"null", "[]", "{}", R"({"threads":{},"dispatch_ns":1})", R"({"threads":[1]})",
        R"({"threads":{"1":{}},"dispatch_ns":1})",
        R"({"threads":{"1":{"fp32_flops":"1"}},"dispatch_ns":1})",
        R"({"threads":{"1":{"fp32_flops":-1}},"dispatch_ns":1})",
        R"({"threads":{"0":{"fp32_flops":1}},"dispatch_ns":1})",
        R"({"threads":{"x":{"fp32_flops":1}},"dispatch_ns":1})",
        R"({"threads":{"2":{"fp32_flops":1},"1":{"fp32_flops":1}},"dispatch_ns":1})",
        R"({"threads":{"1":{"fp32_flops":1,"int8_ops":0}},"dispatch_ns":1})",
        R"({"threads":{"1":{"fp32_flops":1,"l1_bytes_per_s":"fast"}},"dispatch_ns":1})",
        R"({"threads":{"1":{"fp32_flops":1}}})"}) {
    const auto roofs = roofs_from_json(Json::parse(text).value());
    ASSERT_FALSE(roofs.has_value()) << text;
    EXPECT_EQ(roofs.error().code, ErrorCode::kBadFile);
  }
}

TEST(Roofs, OfACountNotMeasuredAreThoseAbove) {
  const Roofs roofs = example();
  EXPECT_EQ(roofs.at(1).threads, 1);
  EXPECT_EQ(roofs.at(2).threads, 4);
  EXPECT_EQ(roofs.at(9).threads, 4);
}

TEST(Roofs, WhatIsMissingIsNoted) {
  Roofs roofs = example();
  roofs.disturbed = true;
  const auto notes = quality_notes(roofs);
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0].code, QualityCode::kRoofDisturbed);
  EXPECT_EQ(notes[1].detail, "int8_ops, l2_bytes_per_s, l3_bytes_per_s");
}

TEST(Footprint, FitsItsLevelAndExceedsThoseBelow) {
  const std::vector<CpuCache> caches = {{1, 48 << 10, 1}, {2, 1 << 20, 1}, {3, 32 << 20, 2}};
  constexpr int64_t kMemory = int64_t{8} << 30;
  EXPECT_EQ(footprint(caches, 1, 2, kMemory), 24 << 10);
  EXPECT_EQ(footprint(caches, 2, 2, kMemory), 512 << 10);
  EXPECT_EQ(footprint(caches, 3, 1, kMemory), 16 << 20);
  EXPECT_EQ(footprint(caches, 3, 2, kMemory), 8 << 20);
  EXPECT_EQ(footprint(caches, kDramLevel, 2, kMemory), 256 << 20);
}

TEST(Footprint, IsNothingWhereThereIsNoSuchLevel) {
  const std::vector<CpuCache> board = {{1, 32 << 10, 1}, {2, 2 << 20, 4}};
  EXPECT_FALSE(footprint(board, 3, 1, int64_t{4} << 30).has_value());
  EXPECT_EQ(footprint(board, kDramLevel, 1, int64_t{4} << 30), 64 << 20);
  EXPECT_FALSE(footprint(board, kDramLevel, 1, 64 << 20).has_value());
  const std::vector<CpuCache> shallow = {{1, 32 << 10, 1}, {2, 64 << 10, 1}};
  EXPECT_FALSE(footprint(shallow, 2, 1, int64_t{4} << 30).has_value());
  EXPECT_TRUE(footprint({}, kDramLevel, 3, int64_t{4} << 30).has_value());
}

TEST(RoofKernels, EachVariantComputesTheTriad) {
  constexpr int64_t kCount = 3 * kFloatsPerStep;
  for (const FloatKernels& kernels : float_kernels()) {
    std::vector<float> a(kCount);
    std::vector<float> b(kCount);
    std::vector<float> y(kCount + 1, -1);
    for (size_t i = 0; i < a.size(); ++i) {
      a[i] = static_cast<float>(i);
      b[i] = static_cast<float>(2 * i);
    }
    kernels.triad(y.data(), a.data(), b.data(), kCount, 2);
    for (size_t i = 0; i < a.size(); ++i) {
      ASSERT_EQ(y[i], static_cast<float>(7 * i)) << kernels.isa << " " << i;
    }
    EXPECT_EQ(y.back(), -1) << kernels.isa;
    kernels.read(y.data(), kCount, 2);
  }
}

TEST(RoofKernels, EachVariantCountsItsOperations) {
  for (const FloatKernels& kernels : float_kernels()) {
    EXPECT_GT(kernels.multiply_add(1), 0) << kernels.isa;
    EXPECT_EQ(kernels.multiply_add(10), 10 * kernels.multiply_add(1)) << kernels.isa;
  }
  for (const Int8Kernel& kernel : int8_kernels()) {
    EXPECT_GT(kernel.dot(1), 0) << kernel.isa;
    EXPECT_EQ(kernel.dot(10), 10 * kernel.dot(1)) << kernel.isa;
  }
}

TEST(Roofs, OfThisMachineAreCompleteForEachThreadCount) {
  const Roofs roofs = measure_roofs();
  // What is read back was positive and in order.
  EXPECT_EQ(roofs_from_json(to_json(roofs)).value(), roofs);
  EXPECT_EQ(roofs.by_threads.front().threads, 1);
  EXPECT_FALSE(roofs.fp32_isa.empty());
}

}  // namespace
}  // namespace nitro::measure
