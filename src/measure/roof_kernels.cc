#include "measure/roof_kernels.h"

#include <cstring>

#include "measure/roof_kernels_x86.h"

namespace nitro::measure {
namespace {

// 16 bytes are the vector that every 64-bit processor has.
using Float4 [[gnu::vector_size(16)]] = float;

constexpr int kChains = 12;

Float4 load(const float* x) {
  Float4 value;
  std::memcpy(&value, x, sizeof value);
  return value;
}

double multiply_add(int64_t iterations) {
  Float4 sums[kChains] = {};
  // Opaque starts, or all chains would be one to the compiler.
  asm volatile("" : : "r"(sums) : "memory");
  const Float4 half = {0.5F, 0.5F, 0.5F, 0.5F};
  for (int64_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 12
    for (int j = 0; j < kChains; ++j) sums[j] = sums[j] * half + half;
  }
  asm volatile("" : : "r"(sums) : "memory");
  return static_cast<double>(iterations) * kChains * 4 * 2;
}

void read(const float* x, int64_t count, int64_t passes) {
  Float4 sums[8] = {};
  for (int64_t pass = 0; pass < passes; ++pass) {
    for (int64_t i = 0; i < count; i += 32) {
#pragma GCC unroll 8
      for (int64_t j = 0; j < 8; ++j) sums[j] += load(x + i + 4 * j);
    }
    asm volatile("" : : "r"(x) : "memory");
  }
  asm volatile("" : : "r"(sums) : "memory");
}

void triad(float* y, const float* a, const float* b, int64_t count, int64_t passes) {
  for (int64_t pass = 0; pass < passes; ++pass) {
    for (int64_t i = 0; i < count; i += 4) {
      const Float4 value = load(a + i) + 3 * load(b + i);
      std::memcpy(y + i, &value, sizeof value);
    }
    asm volatile("" : : "r"(y) : "memory");
  }
}

}  // namespace

std::vector<FloatKernels> float_kernels() {
  std::vector<FloatKernels> kernels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) kernels.push_back(kAvx512Kernels);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels.push_back(kAvx2Kernels);
  }
#endif
  kernels.push_back({"baseline", multiply_add, read, triad});
  return kernels;
}

std::vector<Int8Kernel> int8_kernels() {
  std::vector<Int8Kernel> kernels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vnni")) kernels.push_back(kAvx512VnniKernel);
  if (__builtin_cpu_supports("avxvnni")) kernels.push_back(kAvxVnniKernel);
  if (__builtin_cpu_supports("avx2")) kernels.push_back(kAvx2Int8Kernel);
#endif
  return kernels;
}

}  // namespace nitro::measure
