#include "measure/roof_kernels_x86.h"

#if defined(__x86_64__)

#include <immintrin.h>

namespace nitro::measure {
namespace {

constexpr int kChains = 12;

[[gnu::target("avx2,fma")]] double multiply_add(int64_t iterations) {
  __m256 sums[kChains];
  // Opaque starts, or all chains would be one to the compiler.
#pragma GCC unroll 12
  for (int j = 0; j < kChains; ++j) {
    sums[j] = _mm256_set1_ps(1);
    asm volatile("" : "+x"(sums[j]));
  }
  const __m256 half = _mm256_set1_ps(0.5F);
  for (int64_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 12
    for (int j = 0; j < kChains; ++j) sums[j] = _mm256_fmadd_ps(sums[j], half, half);
  }
#pragma GCC unroll 12
  for (int j = 0; j < kChains; ++j) asm volatile("" : : "x"(sums[j]));
  return static_cast<double>(iterations) * kChains * 8 * 2;
}

[[gnu::target("avx2,fma")]] void read(const float* x, int64_t count, int64_t passes) {
  for (int64_t pass = 0; pass < passes; ++pass) {
    for (int64_t i = 0; i < count; i += kFloatsPerStep) {
#pragma GCC unroll 16
      for (int64_t j = 0; j < kFloatsPerStep; j += 8) {
        asm volatile("" : : "x"(_mm256_loadu_ps(x + i + j)));
      }
    }
  }
}

[[gnu::target("avx2,fma")]] void triad(float* y, const float* a, const float* b, int64_t count,
                                       int64_t passes) {
  const __m256 scale = _mm256_set1_ps(3);
  for (int64_t pass = 0; pass < passes; ++pass) {
    for (int64_t i = 0; i < count; i += 32) {
#pragma GCC unroll 4
      for (int64_t j = i; j < i + 32; j += 8) {
        _mm256_storeu_ps(y + j,
                         _mm256_fmadd_ps(scale, _mm256_loadu_ps(b + j), _mm256_loadu_ps(a + j)));
      }
    }
    asm volatile("" : : : "memory");
  }
}

[[gnu::target("avx2,avxvnni")]] double dot_vnni(int64_t iterations) {
  __m256i sums[kChains];
  // Opaque starts, or all chains would be one to the compiler.
#pragma GCC unroll 12
  for (int j = 0; j < kChains; ++j) {
    sums[j] = _mm256_setzero_si256();
    asm volatile("" : "+x"(sums[j]));
  }
  const __m256i ones = _mm256_set1_epi8(1);
  for (int64_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 12
    for (int j = 0; j < kChains; ++j) sums[j] = _mm256_dpbusd_avx_epi32(sums[j], ones, ones);
  }
#pragma GCC unroll 12
  for (int j = 0; j < kChains; ++j) asm volatile("" : : "x"(sums[j]));
  return static_cast<double>(iterations) * kChains * 32 * 2;
}

/// What libraries do without VNNI: pairs to 16 bits, pairs of those to 32 bits, then the sum.
[[gnu::target("avx2")]] double dot(int64_t iterations) {
  constexpr int kPairChains = 8;
  __m256i sums[kPairChains];
#pragma GCC unroll 8
  for (int j = 0; j < kPairChains; ++j) sums[j] = _mm256_setzero_si256();
  const __m256i ones16 = _mm256_set1_epi16(1);
  __m256i ones8 = _mm256_set1_epi8(1);
  for (int64_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < kPairChains; ++j) {
      // Makes the product a new one to the compiler, which would otherwise compute it once.
      asm volatile("" : "+x"(ones8));
      const __m256i pairs = _mm256_maddubs_epi16(ones8, ones8);
      sums[j] = _mm256_add_epi32(sums[j], _mm256_madd_epi16(pairs, ones16));
    }
  }
#pragma GCC unroll 8
  for (int j = 0; j < kPairChains; ++j) asm volatile("" : : "x"(sums[j]));
  return static_cast<double>(iterations) * kPairChains * 32 * 2;
}

}  // namespace

const FloatKernels kAvx2Kernels = {"avx2", multiply_add, read, triad};
const Int8Kernel kAvxVnniKernel = {"avx_vnni", dot_vnni};
const Int8Kernel kAvx2Int8Kernel = {"avx2", dot};

}  // namespace nitro::measure

#endif
