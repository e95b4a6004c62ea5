#include <gtest/gtest.h>

#include "cuda/program_attention_simt.h"
#include "cuda/sample_run.h"

namespace nitro::cuda {
namespace {

std::vector<SampleStep> samples(const std::vector<SampleAttention>& attentions) {
  std::vector<SampleStep> made;
  for (const SampleAttention& of : attentions) made.push_back(sample_step(of, made.size() + 1));
  return made;
}

TEST(AttentionSimt, OddSizesInF16) {
  expect_samples<plan::Attention>(samples(odd_attentions(DType::kF16)), target_of(53), Sums::kF32);
}

TEST(AttentionSimt, OddSizesInF32) {
  expect_samples<plan::Attention>(samples(odd_attentions(DType::kF32)), target_of(53), Sums::kF32);
}

TEST(AttentionSimt, ShapesOfModels) {
  std::vector<SampleAttention> attentions = model_attentions(1);
  for (SampleAttention& of : attentions) {
    of.batch = std::min<int64_t>(of.batch, 2);
    of.heads = of.key_heads = std::min<int64_t>(of.heads, 2);
    of.bias_batches = std::min(of.bias_batches, of.batch);
  }
  expect_samples<plan::Attention>(samples(attentions), target_of(53), Sums::kF32);
}

TEST(AttentionSimt, LeavesPanelsToTensorCores) {
  SampleStep sample =
      sample_step(SampleAttention{.queries = 16, .keys = 16, .head_dim = 16, .value_dim = 16});
  plan::Attention attention = std::get<plan::Attention>(sample.step().kernel);
  attention.out_bases = 0;
  const Result<Program> program = simt_program(sample.plan, attention, target_of(53));
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().code, ErrorCode::kUnsupportedOp);
}

}  // namespace
}  // namespace nitro::cuda
