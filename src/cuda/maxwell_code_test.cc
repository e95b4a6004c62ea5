#include "cuda/maxwell_code.h"

#include <gtest/gtest.h>

#include "cuda/compile_programs.h"
#include "cuda/cubin_info.h"
#include "cuda/sample_steps.h"
#include "cuda/specialise.h"
#include "cuda/testing_nvrtc.h"

namespace nitro::cuda {
namespace {

/// Code of these instructions, each group with its schedule in front.
std::string code_of(const std::vector<uint64_t>& instructions) {
  std::vector<uint64_t> words;
  for (uint64_t word : instructions) {
    if (words.size() % 4 == 0) words.push_back(0x001f8000fc0007e0);
    words.push_back(word);
  }
  return {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(uint64_t)};
}

constexpr uint64_t kHalfMultiplyAdd = uint64_t{0x5d00} << 48;
constexpr uint64_t kIntegerMultiply = uint64_t{0x3604} << 48;
constexpr uint64_t kMove = uint64_t{0x5c98} << 48;

/// To `bytes` after the branch.
uint64_t branch(int64_t bytes) {
  return uint64_t{0xe240} << 48 | (static_cast<uint64_t>(bytes) & 0xffffff) << 20 | 0x7;
}

TEST(MaxwellCode, TheLoopWithTheMostMultiplyAdds) {
  // One instruction before the loop, of which the first word of the second group is no instruction.
  const std::string code = code_of({kMove, kHalfMultiplyAdd, kHalfMultiplyAdd, kIntegerMultiply,
                                    branch(-5 * 8), kHalfMultiplyAdd});
  const auto loop = hottest_loop(code);
  ASSERT_TRUE(loop.has_value());
  EXPECT_EQ(loop->all, 4);
  EXPECT_EQ(loop->multiply_adds, 2);
  EXPECT_EQ(loop->integer_multiplies, 1);
  EXPECT_EQ(loop->local_memory, 0);
}

TEST(MaxwellCode, CodeWithoutSuchALoop) {
  EXPECT_FALSE(hottest_loop("").has_value());
  EXPECT_FALSE(hottest_loop("odd").has_value());
  EXPECT_FALSE(
      hottest_loop(code_of({kHalfMultiplyAdd, branch(-8)})).has_value());  // waits for ever
  EXPECT_FALSE(hottest_loop(code_of({kHalfMultiplyAdd, branch(8), kMove})).has_value());
  EXPECT_FALSE(hottest_loop(code_of({kMove, branch(-16)})).has_value());
  EXPECT_FALSE(hottest_loop(code_of({kHalfMultiplyAdd, branch(-800)})).has_value());
}

/// Products of all models on a Jetson Nano: what a loop does besides multiplying and adding.
TEST(MaxwellCode, InnerLoopsOfProducts) {
  NITRO_REQUIRE_NVRTC(kNvrtc11);
  const Target target = target_of(53);
  std::vector<Program> programs;
  std::vector<std::string> names;
  for (const auto& sample : model_gemms(1)) {
    const plan::Plan special = specialise(sample_step(sample).plan, target);
    for (const plan::Step& step : special.steps) {
      const auto* gemm = std::get_if<plan::Gemm>(&step.kernel);
      if (!gemm || gemm->m == 1) continue;  // a single row waits for its weights
      const auto program = program_for(special, step, target);
      ASSERT_TRUE(program) << program.error().text();
      programs.push_back(*program);
      names.push_back(step.name);
    }
  }
  ASSERT_GE(programs.size(), 20U);
  const auto compiled =
      compile_programs(programs, *test_nvrtc(kNvrtc11), 53, CubinCache::standard());
  ASSERT_TRUE(compiled) << compiled.error().text();
  double least = 1;
  for (size_t i = 0; i < programs.size(); ++i) {
    SCOPED_TRACE(names[i]);
    const auto code = kernel_code(compiled->binaries[compiled->binary_of[i]], "step");
    ASSERT_TRUE(code) << code.error().text();
    const auto loop = hottest_loop(*code);
    ASSERT_TRUE(loop.has_value());
    const auto share = [&](int64_t part) {
      return static_cast<double>(part) / static_cast<double>(loop->all);
    };
    EXPECT_GE(share(loop->multiply_adds), 0.57);
    EXPECT_LE(share(loop->integer_multiplies), 0.021);
    EXPECT_EQ(loop->local_memory, 0);
    least = std::min(least, share(loop->multiply_adds));
  }
  RecordProperty("least_share", std::to_string(least));
}

}  // namespace
}  // namespace nitro::cuda
