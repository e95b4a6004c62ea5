#include <gtest/gtest.h>

#include <numeric>

#include "cuda/kernel_text.h"
#include "cuda/program_families.h"
#include "cuda/testing.h"

namespace nitro::cuda {
namespace {

/// A program with the prelude and `text`, which defines step().
Program program_with(const std::string& text, int64_t blocks, int64_t threads, int64_t shared = 0) {
  Program program = program_of({}, plan::Loop{}, {}).value();  // for its prelude
  program.source = program.source.substr(0, program.source.rfind("extern \"C\"")) + text;
  program.grid = {blocks, 1, 1};
  program.threads = threads;
  program.shared_bytes = shared;
  return program;
}

constexpr char kReverse[] = R"(
extern "C" __global__ void step(const float* p0, float* p1) {
  __shared__ float tile[64];
  tile[threadIdx.x] = p0[blockIdx.x * 64 + threadIdx.x];
  __syncthreads();
  p1[blockIdx.x * 64 + threadIdx.x] = tile[63 - threadIdx.x];
  __syncthreads();
  if (threadIdx.x < 8) tile[threadIdx.x] = 0.0f;
}
)";

constexpr char kSums[] = R"(
extern "C" __global__ void step(const float* p0, float* p1) {
  extern __shared__ __align__(16) float parts[];
  const float sum = lanes_sum(p0[threadIdx.x]);
  const float most = lanes_max(p0[threadIdx.x]);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = sum + most;
  __syncthreads();
  if (threadIdx.x == 0) atomicAdd(p1, parts[0] + parts[1] + parts[2]);
}
)";

constexpr char kDiverging[] = R"(
extern "C" __global__ void step(float* p0) {
  if (threadIdx.x < 32) __syncthreads();
  p0[threadIdx.x] = 1.0f;
}
)";

constexpr char kLostLane[] = R"(
extern "C" __global__ void step(float* p0) {
  if (threadIdx.x == 7) return;
  p0[threadIdx.x] = lanes_sum(1.0f);
}
)";

constexpr char kHalves[] = R"(
extern "C" __global__ void step(const f16* p0, f16* p1) {
  const unsigned pair = pack_half2(load(p0, 2 * threadIdx.x), load(p0, 2 * threadIdx.x + 1));
  const unsigned result = fma_half2(pair, pair, pack_half2(1.0f, -1.0f));
  store(p1, 2 * threadIdx.x, low_half(result));
  store(p1, 2 * threadIdx.x + 1, high_half(result));
}
)";

class Emulator : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const Program programs[] = {program_with(kReverse, 3, 64), program_with(kSums, 1, 96, 12),
                                program_with(kDiverging, 1, 64), program_with(kLostLane, 1, 32),
                                program_with(kHalves, 1, 4)};
    auto compiled = EmulatedPrograms::compile(programs);
    ASSERT_TRUE(compiled) << compiled.error().text();
    programs_ = new EmulatedPrograms(std::move(*compiled));
  }
  static void TearDownTestSuite() { delete programs_; }

  static Result<void> run(size_t i, std::vector<void*> arguments) {
    return programs_->run(i, arguments);
  }
  static inline EmulatedPrograms* programs_ = nullptr;
};

TEST_F(Emulator, SharedMemoryAndBarriers) {
  std::vector<float> x(192), y(192);
  std::iota(x.begin(), x.end(), 0.0F);
  ASSERT_TRUE(run(0, {x.data(), y.data()}));
  for (size_t i = 0; i < 192; ++i) EXPECT_EQ(y[i], x[i / 64 * 64 + 63 - i % 64]);
}

TEST_F(Emulator, ShufflesAndDynamicSharedMemory) {
  std::vector<float> x(96);
  std::iota(x.begin(), x.end(), 0.0F);
  float sum = 1;
  ASSERT_TRUE(run(1, {x.data(), &sum}));
  EXPECT_EQ(sum, 1 + 95 * 48 + 31 + 63 + 95);
}

TEST_F(Emulator, ABarrierThatSomeDoNotReach) {
  std::vector<float> y(64);
  const Result<void> result = run(2, {y.data()});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCheckFailed);
}

TEST_F(Emulator, AShuffleThatALaneDoesNotReach) {
  std::vector<float> y(32);
  EXPECT_FALSE(run(3, {y.data()}));
  // The next launch is not disturbed.
  std::vector<float> x(192, 1.0F), z(192);
  ASSERT_TRUE(run(0, {x.data(), z.data()}));
  EXPECT_EQ(z, x);
}

TEST_F(Emulator, HalfPrecision) {
  std::vector<Half> x, y(8);
  for (double value : {1.0, 2.0, 0.5, -3.0, 100.0, 0.1, 1000.0, 0.0}) x.emplace_back(value);
  ASSERT_TRUE(run(4, {x.data(), y.data()}));
  for (size_t i = 0; i < 8; ++i) {
    const double value = static_cast<double>(x[i]);
    EXPECT_EQ(static_cast<double>(y[i]),
              static_cast<double>(Half(value * value + (i % 2 == 0 ? 1 : -1))));
  }
}

TEST(GuardedMemory, IsPoisonedAndAligned) {
  GuardedMemory memory(12);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory.data()) % 16, 0);
  EXPECT_EQ(static_cast<unsigned char*>(memory.data())[11], 0xFF);
}

}  // namespace
}  // namespace nitro::cuda
