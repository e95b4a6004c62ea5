// What every kernel may use. C++14 without any header, so that the run-time compiler of each CUDA
// version takes it. The tests replace this file by one for the processor (emulated_prelude.h) that
// defines the same names, up to the part for tensor cores.

struct f16 {
  unsigned short bits;
};
struct bf16 {
  unsigned short bits;
};

__device__ __forceinline__ float to_float(f16 x) {
  float y;
  asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
  return y;
}
__device__ __forceinline__ f16 to_f16(float x) {
  f16 y;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
  return y;
}
__device__ __forceinline__ float to_float(bf16 x) {
  return __uint_as_float(static_cast<unsigned>(x.bits) << 16);
}
__device__ __forceinline__ bf16 to_bf16(float x) {
  const unsigned wide = __float_as_uint(x);
  const unsigned rounded = wide + 0x7FFFu + ((wide >> 16) & 1u);
  return bf16{static_cast<unsigned short>(x != x ? 0x7FC0u : rounded >> 16)};
}

// Elements as what is computed with: floats as float, integers as they are.
__device__ __forceinline__ float load(const f16* p, long long i) { return to_float(p[i]); }
__device__ __forceinline__ float load(const bf16* p, long long i) { return to_float(p[i]); }
__device__ __forceinline__ float load(const float* p, long long i) { return p[i]; }
__device__ __forceinline__ float load(const double* p, long long i) {
  return static_cast<float>(p[i]);
}
__device__ __forceinline__ int load(const signed char* p, long long i) { return p[i]; }
__device__ __forceinline__ int load(const unsigned char* p, long long i) { return p[i]; }
__device__ __forceinline__ int load(const int* p, long long i) { return p[i]; }
__device__ __forceinline__ long long load(const long long* p, long long i) { return p[i]; }

__device__ __forceinline__ void store(f16* p, long long i, float x) { p[i] = to_f16(x); }
__device__ __forceinline__ void store(bf16* p, long long i, float x) { p[i] = to_bf16(x); }
__device__ __forceinline__ void store(float* p, long long i, float x) { p[i] = x; }
__device__ __forceinline__ void store(double* p, long long i, float x) { p[i] = x; }
__device__ __forceinline__ void store(signed char* p, long long i, long long x) {
  p[i] = static_cast<signed char>(x);
}
__device__ __forceinline__ void store(unsigned char* p, long long i, long long x) {
  p[i] = static_cast<unsigned char>(x);
}
__device__ __forceinline__ void store(int* p, long long i, long long x) {
  p[i] = static_cast<int>(x);
}
__device__ __forceinline__ void store(long long* p, long long i, long long x) { p[i] = x; }

// Two half-precision numbers in a register: low half first.
__device__ __forceinline__ unsigned pack_half2(float low, float high) {
  unsigned y;
  asm("{.reg .f16 l, h; cvt.rn.f16.f32 l, %1; cvt.rn.f16.f32 h, %2; mov.b32 %0, {l, h};}"
      : "=r"(y)
      : "f"(low), "f"(high));
  return y;
}
__device__ __forceinline__ float low_half(unsigned x) {
  return to_float(f16{static_cast<unsigned short>(x & 0xFFFFu)});
}
__device__ __forceinline__ float high_half(unsigned x) {
  return to_float(f16{static_cast<unsigned short>(x >> 16)});
}
__device__ __forceinline__ unsigned fma_half2(unsigned a, unsigned b, unsigned c) {
  unsigned y;
  asm("fma.rn.f16x2 %0, %1, %2, %3;" : "=r"(y) : "r"(a), "r"(b), "r"(c));
  return y;
}

// Four 8-bit integers in a register, the first lowest: of whole numbers that fit.
__device__ __forceinline__ unsigned pack_bytes(float a, float b, float c, float d) {
  return (static_cast<int>(a) & 0xFF) | (static_cast<int>(b) & 0xFF) << 8 |
         (static_cast<int>(c) & 0xFF) << 16 | static_cast<unsigned>(static_cast<int>(d)) << 24;
}
// c and the products of four 8-bit integers, of which those of b are signed (compute capability 6.1
// on).
template <bool kUnsignedA>
__device__ __forceinline__ int add_dot(unsigned a, unsigned b, int c) {
#if __CUDA_ARCH__ >= 610
  if (kUnsignedA) {
    asm("dp4a.u32.s32 %0, %1, %2, %0;" : "+r"(c) : "r"(a), "r"(b));
  } else {
    asm("dp4a.s32.s32 %0, %1, %2, %0;" : "+r"(c) : "r"(a), "r"(b));
  }
#endif
  return c;
}

// The value of the lane whose number differs by `mask`. All lanes of the warp take part.
__device__ __forceinline__ float shuffle_xor(float x, int mask) {
  return __shfl_xor_sync(0xFFFFFFFFu, x, mask);
}
// Over the 32 lanes of a warp; every lane gets the result.
__device__ __forceinline__ float lanes_sum(float x) {
#pragma unroll
  for (int mask = 16; mask > 0; mask /= 2) x += shuffle_xor(x, mask);
  return x;
}
__device__ __forceinline__ float lanes_max(float x) {
#pragma unroll
  for (int mask = 16; mask > 0; mask /= 2) x = fmaxf(x, shuffle_xor(x, mask));
  return x;
}

// The number of the multiprocessor that runs the block.
__device__ __forceinline__ unsigned multiprocessor() {
  unsigned number;
  asm volatile("mov.u32 %0, %%smid;" : "=r"(number));
  return number;
}

// Between launches that overlap: wait_for_previous() returns when all of the launch before is done
// and its results can be read; each thread calls it before its first access to memory that another
// step writes or reads. let_next_start() allows the next launch to begin with what does not depend
// on this one.
__device__ __forceinline__ void wait_for_previous() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}
__device__ __forceinline__ void let_next_start() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

// Of one instruction each; relative error 2^-22 and 2^-23, denormal numbers count as 0.
__device__ __forceinline__ float short_exp2(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
__device__ __forceinline__ float short_reciprocal(float x) {
  float y;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }
__device__ __forceinline__ float gelu(float x) {
  return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f));
}
__device__ __forceinline__ float gelu_tanh(float x) {
  return 0.5f * x * (1.0f + tanhf(0.79788456080286536f * (x + 0.044715f * x * x * x)));
}
