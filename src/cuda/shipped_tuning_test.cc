#include "cuda/shipped_tuning.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cuda/sample_steps.h"

namespace nitro::cuda {
namespace {

TEST(ShippedTuning, OnlyForDevicesThatWereSearched) {
  EXPECT_GT(shipped_tuning(target_of(90)).size(), 10U);
  Target smaller = target_of(90);
  smaller.multiprocessors = 114;
  EXPECT_EQ(shipped_tuning(smaller).size(), 0U);
  Target without_wgmma = target_of(90);
  without_wgmma.wgmma = false;
  EXPECT_EQ(shipped_tuning(without_wgmma).size(), 0U);
  EXPECT_EQ(shipped_tuning(target_of(53)).size(), 0U);
  EXPECT_EQ(shipped_tuning(target_of(87)).size(), 0U);
}

/// A tile that the table of candidates lacks would be ignored silently.
TEST(ShippedTuning, NamesTilesThatThereAre) {
  const Target target = target_of(90);
  const Tuning tuning = shipped_tuning(target);
  for (int64_t images : {1, 2}) {
    size_t named = 0;
    for (const SampleGemm& gemm : panel_gemms(images)) {
      const SampleStep sample = sample_step(gemm);
      const auto& product = std::get<plan::Gemm>(sample.step().kernel);
      const auto tile = tuning.tile(product, true);
      if (!tile) continue;
      ++named;
      EXPECT_EQ(std::ranges::count(gemm_tiles(sample.plan, product, target, true), *tile), 1)
          << product.m << "x" << product.n << "x" << product.k;
    }
    EXPECT_GT(named, 0U) << images;
  }
}

}  // namespace
}  // namespace nitro::cuda
