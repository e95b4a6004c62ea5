#include <gtest/gtest.h>

#include "cuda/gemm_simt_tile.h"
#include "cuda/program_gemm_simt.h"
#include "cuda/sample_run.h"

namespace nitro::cuda {
namespace {

std::vector<SampleStep> samples(const std::vector<SampleGemm>& gemms) {
  std::vector<SampleStep> made;
  for (const SampleGemm& gemm : gemms) made.push_back(sample_step(gemm, made.size() + 1));
  return made;
}

TEST(GemmSimt, OddSizesInF16) {
  expect_samples<plan::Gemm>(samples(odd_gemms(DType::kF16)), target_of(53), Sums::kF16Chunks);
}

TEST(GemmSimt, OddSizesInF32) {
  expect_samples<plan::Gemm>(samples(odd_gemms(DType::kF32)), target_of(53), Sums::kF32);
}

TEST(GemmSimt, WithoutHalfPrecisionArithmetic) {
  const std::vector<SampleGemm> all = odd_gemms(DType::kF16);
  expect_samples<plan::Gemm>(samples({all.begin(), all.begin() + 4}), target_of(52), Sums::kF32);
}

TEST(GemmSimt, OtherTypes) {
  for (DType dtype : {DType::kBF16, DType::kF64}) {
    const std::vector<SampleGemm> all = odd_gemms(dtype);
    expect_samples<plan::Gemm>(samples({all.begin(), all.begin() + 9}), target_of(90), Sums::kF32);
  }
}

TEST(GemmSimt, Integers) {
  const std::vector<SampleStep> all = samples(integer_gemms());
  expect_samples<plan::Gemm>(all, target_of(61), Sums::kF16Chunks);
  expect_samples<plan::Gemm>({all.begin(), all.begin() + 9}, target_of(53), Sums::kF16Chunks);
}

TEST(GemmSimt, ShapesOfModels) {
  // One image's, with fewer rows and columns, so that whole tiles and the last ones both occur.
  std::vector<SampleGemm> gemms = model_gemms(1);
  for (SampleGemm& gemm : gemms) {
    gemm.m = std::min<int64_t>(gemm.m, 197);
    gemm.n = std::min<int64_t>(gemm.n, 192);
    gemm.k = std::min<int64_t>(gemm.k, 384);
  }
  expect_samples<plan::Gemm>(samples(gemms), target_of(53), Sums::kF16Chunks);
}

/// Checks the program for multiprocessor 0 alone, and returns its variant.
std::string expect_on_one(const SampleStep& sample) {
  const Target small{.multiprocessors = 3};
  const auto program =
      simt_program_on_one(sample.plan, std::get<plan::Gemm>(sample.step().kernel), small);
  if (!program) return program.error().text();
  const auto compiled = EmulatedPrograms::compile({&*program, 1});
  if (!compiled) return compiled.error().text();
  int next = 0;
  const auto result = run_sample(sample, *compiled, 0, {&next});
  if (!result) return result.error().text();
  const auto wrong = mismatch(expected(sample, Sums::kF16Chunks), *result);
  EXPECT_FALSE(wrong) << *wrong;
  EXPECT_GT(next, 1);
  return program->variant;
}

TEST(GemmSimt, OnOneMultiprocessor) {
  const std::string variant =
      expect_on_one(sample_step(SampleGemm{.batch = 2, .m = 70, .n = 136, .k = 40}));
  EXPECT_TRUE(variant.starts_with("simt f16")) << variant;
}

TEST(GemmSimt, NormalizesRowsOnceForTilesInTurn) {
  for (int64_t n : {192, 200, 328}) {
    SCOPED_TRACE(n);
    const std::string variant = expect_on_one(
        sample_step(SampleGemm{.batch = 2, .m = 130, .n = n, .k = 72, .normalize = true}));
    EXPECT_TRUE(variant.contains("in turn")) << variant;
  }
}

TEST(GemmSimt, TilesFitTheBlock) {
  for (int64_t images : {1, 2}) {
    for (const SampleGemm& of : model_gemms(images)) {
      plan::Gemm gemm;
      gemm.m = of.m;
      gemm.n = of.n;
      gemm.k = of.k;
      for (int64_t bytes : {1, 2, 4}) {
        const GemmSimtTile tile = gemm_simt_tile(gemm, bytes, target_of(53));
        EXPECT_EQ(tile.threads() % 32, 0);
        EXPECT_LE(tile.threads(), 256);
        EXPECT_EQ(tile.segment % 8, 0);
      }
    }
  }
}

TEST(GemmSimt, LeavesOperandsForTensorCoresToThem) {
  const SampleStep sample = sample_step(SampleGemm{.m = 16, .n = 16, .k = 16});
  plan::Gemm gemm = std::get<plan::Gemm>(sample.step().kernel);
  gemm.packed_rows = 64;
  const Result<Program> program = simt_program(sample.plan, gemm, target_of(53));
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().code, ErrorCode::kUnsupportedOp);
}

}  // namespace
}  // namespace nitro::cuda
