#include "measure/roof_kernels_x86.h"

#if defined(__x86_64__)

#include <immintrin.h>

namespace nitro::measure {
namespace {

// More chains than latency × issue width of the widest cores, so that issue is the limit.
constexpr int kChains = 12;

[[gnu::target("avx512f")]] double multiply_add(int64_t iterations) {
  __m512 sums[kChains];
  // Opaque starts, or all chains would be one to the compiler.
#pragma GCC unroll 12
  for (int j = 0; j < kChains; ++j) {
    sums[j] = _mm512_set1_ps(1);
    asm volatile("" : "+v"(sums[j]));
  }
  const __m512 half = _mm512_set1_ps(0.5F);
  for (int64_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 12
    for (int j = 0; j < kChains; ++j) sums[j] = _mm512_fmadd_ps(sums[j], half, half);
  }
#pragma GCC unroll 12
  for (int j = 0; j < kChains; ++j) asm volatile("" : : "v"(sums[j]));
  return static_cast<double>(iterations) * kChains * 16 * 2;
}

[[gnu::target("avx512f")]] void read(const float* x, int64_t count, int64_t passes) {
  for (int64_t pass = 0; pass < passes; ++pass) {
    for (int64_t i = 0; i < count; i += kFloatsPerStep) {
#pragma GCC unroll 8
      for (int64_t j = 0; j < kFloatsPerStep; j += 16) {
        asm volatile("" : : "v"(_mm512_loadu_ps(x + i + j)));
      }
    }
  }
}

[[gnu::target("avx512f")]] void triad(float* y, const float* a, const float* b, int64_t count,
                                      int64_t passes) {
  const __m512 scale = _mm512_set1_ps(3);
  for (int64_t pass = 0; pass < passes; ++pass) {
    for (int64_t i = 0; i < count; i += 32) {
#pragma GCC unroll 2
      for (int64_t j = i; j < i + 32; j += 16) {
        _mm512_storeu_ps(y + j,
                         _mm512_fmadd_ps(scale, _mm512_loadu_ps(b + j), _mm512_loadu_ps(a + j)));
      }
    }
    asm volatile("" : : : "memory");
  }
}

[[gnu::target("avx512f,avx512vnni")]] double dot(int64_t iterations) {
  __m512i sums[kChains];
  // Opaque starts, or all chains would be one to the compiler.
#pragma GCC unroll 12
  for (int j = 0; j < kChains; ++j) {
    sums[j] = _mm512_set1_epi32(0);
    asm volatile("" : "+v"(sums[j]));
  }
  const __m512i ones = _mm512_set1_epi8(1);
  for (int64_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 12
    for (int j = 0; j < kChains; ++j) sums[j] = _mm512_dpbusd_epi32(sums[j], ones, ones);
  }
#pragma GCC unroll 12
  for (int j = 0; j < kChains; ++j) asm volatile("" : : "v"(sums[j]));
  return static_cast<double>(iterations) * kChains * 64 * 2;
}

}  // namespace

const FloatKernels kAvx512Kernels = {"avx512f", multiply_add, read, triad};
const Int8Kernel kAvx512VnniKernel = {"avx512_vnni", dot};

}  // namespace nitro::measure

#endif
