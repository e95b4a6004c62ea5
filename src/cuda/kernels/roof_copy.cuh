// Copies that measure bandwidth. Loads pass the first-level cache by, so that repeated passes over a few
// MiB measure the second level.

__device__ __forceinline__ uint4 load_beyond_first_cache(const uint4* p) {
  uint4 x;
  asm volatile("ld.global.cg.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(x.x), "=r"(x.y), "=r"(x.z), "=r"(x.w) : "l"(p));
  return x;
}

// All threads of the grid copy `pieces` of 16 bytes, kPasses times. Enough is under way at once to hide
// the latency of any memory: 64 bytes for each thread.
template <int kPasses>
__device__ __forceinline__ void copy_pieces(const uint4* source, uint4* target, int pieces) {
  constexpr int kAtOnce = 4;
  const int stride = static_cast<int>(gridDim.x * blockDim.x);
  const int first = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
#pragma unroll 1
  for (int pass = 0; pass < kPasses; ++pass) {
#pragma unroll 1
    for (int i = first; i < pieces; i += kAtOnce * stride) {
      uint4 held[kAtOnce];
#pragma unroll
      for (int j = 0; j < kAtOnce; ++j) {
        if (i + j * stride < pieces) held[j] = load_beyond_first_cache(source + i + j * stride);
      }
#pragma unroll
      for (int j = 0; j < kAtOnce; ++j) {
        if (i + j * stride < pieces) target[i + j * stride] = held[j];
      }
    }
  }
}
