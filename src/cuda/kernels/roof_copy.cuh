// Copies and reads that measure bandwidth. Loads pass the first-level cache by, so that repeated
// passes over a few MiB measure the second level.

__device__ __forceinline__ uint4 load_beyond_first_cache(const uint4* p) {
  uint4 x;
  asm volatile("ld.global.cg.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(x.x), "=r"(x.y), "=r"(x.z), "=r"(x.w)
               : "l"(p));
  return x;
}

// All threads of the grid copy `pieces` of 16 bytes, kPasses times. Enough is under way at once to
// hide the latency of any memory: 64 bytes for each thread.
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

// The same without writing, but for a word of each thread, which keeps the compiler from leaving
// the reads out.
template <int kPasses>
__device__ __forceinline__ void read_pieces(const uint4* source, unsigned* target, int pieces) {
  constexpr int kAtOnce = 4;
  const int stride = static_cast<int>(gridDim.x * blockDim.x);
  const int first = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  uint4 all[kAtOnce] = {};
#pragma unroll 1
  for (int pass = 0; pass < kPasses; ++pass) {
#pragma unroll 1
    for (int i = first; i < pieces; i += kAtOnce * stride) {
#pragma unroll
      for (int j = 0; j < kAtOnce; ++j) {
        if (i + j * stride >= pieces) continue;
        const uint4 x = load_beyond_first_cache(source + i + j * stride);
        all[j] = make_uint4(all[j].x ^ x.x, all[j].y ^ x.y, all[j].z ^ x.z, all[j].w ^ x.w);
      }
    }
  }
  unsigned sum = 0;
#pragma unroll
  for (int j = 0; j < kAtOnce; ++j) sum ^= all[j].x ^ all[j].y ^ all[j].z ^ all[j].w;
  target[first] = sum;
}
