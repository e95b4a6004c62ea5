// The products of gemm_panels.cuh on the asynchronous tensor cores of compute capability 9.0
// (target sm_90a): one group of four warps, tiles of 64 rows. The text that instantiates this
// defines multiply_tile(), which adds the product of 64 rows and kTileN columns over 16 columns of
// k.

// The descriptor of a tile of `rows` rows at `shared`.
__device__ __forceinline__ unsigned long long matrix_descriptor(const f16* shared, int rows) {
  const unsigned long long start = shared_address(shared) >> 4;
  const unsigned long long next_piece = rows, next_rows = 8;  // in 16 bytes
  return (start & 0x3FFF) | (next_piece << 16) | (next_rows << 32);
}

template <class C>
struct PanelWgmma {
  static constexpr int kParts = 1;
  static constexpr int kRows = 2, kGroups = C::kTileN / 8;  // as of PanelMma
  static constexpr int kSums = C::kTileN / 2;
  static_assert(C::kTileM == 64 && C::kWarpsM == 4 && C::kWarpsN == 1 && C::kWarpsK == 1,
                "one group");
  float sums[kSums];

  __device__ __forceinline__ void start() {
#pragma unroll
    for (int i = 0; i < kSums; ++i) sums[i] = 0;
  }
  // Returns when the product before this one is done.
  __device__ __forceinline__ void add(const f16* a, const f16* b) {
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
    for (int piece = 0; piece < C::kSegment / 8; piece += 2) {
      multiply_tile(sums, matrix_descriptor(a + piece * C::kTileM * 8, C::kTileM),
                    matrix_descriptor(b + piece * C::kTileN * 8, C::kTileN));
    }
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
    asm volatile("wgmma.wait_group.sync.aligned 1;" ::: "memory");
  }
  __device__ __forceinline__ void finish() {
    asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
    // The compiler must not move the sums before the products are there.
#pragma unroll
    for (int i = 0; i < kSums; ++i) asm volatile("" : "+f"(sums[i])::"memory");
  }
  static __device__ __forceinline__ int part() { return 0; }
  static __device__ __forceinline__ int row(int r) {
    return threadIdx.x / 32 * 16 + threadIdx.x % 32 / 4 + r * 8;
  }
  static __device__ __forceinline__ int column(int group) {
    return threadIdx.x % 4 * 2 + group * 8;
  }
  __device__ __forceinline__ float& sum(int r, int group, int i) {
    return sums[4 * group + 2 * r + i];
  }
};
