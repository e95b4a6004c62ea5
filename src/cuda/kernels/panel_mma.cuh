// The products of gemm_panels.cuh by instructions of one warp: kWarpsM x kWarpsN warps, kWarpsK
// deep.
template <class C>
struct PanelMma {
  static constexpr int kWarpM = C::kTileM / C::kWarpsM, kWarpN = C::kTileN / C::kWarpsN;
  static constexpr int kParts = C::kWarpsK;
  // A thread has the sums of two neighbouring columns in each of kGroups groups of 8, of kRows
  // rows.
  static constexpr int kRows = kWarpM / 8, kGroups = kWarpN / 8;
  static_assert(kWarpM % 16 == 0 && kWarpN % 16 == 0, "tile");
  float sums[kWarpM / 16][kWarpN / 8][4];

  static __device__ __forceinline__ int warp_k() { return threadIdx.x / 32 % C::kWarpsK; }
  static __device__ __forceinline__ int warp_row() {
    return threadIdx.x / 32 / C::kWarpsK / C::kWarpsN * kWarpM;
  }
  static __device__ __forceinline__ int warp_column() {
    return threadIdx.x / 32 / C::kWarpsK % C::kWarpsN * kWarpN;
  }
  __device__ __forceinline__ void start() { clear(sums); }
  __device__ __forceinline__ void add(const f16* a, const f16* b) {
    multiply<HalfProducts, C::kSegment, C::kWarpsK>(sums, a + warp_row() * 8, 8, C::kTileM * 8,
                                                    b + warp_column() * 8, 8, C::kTileN * 8,
                                                    warp_k());
  }
  __device__ __forceinline__ void finish() {}
  static __device__ __forceinline__ int part() { return warp_k(); }
  static __device__ __forceinline__ int row(int r) {
    return warp_row() + threadIdx.x % 32 / 4 + r * 8;
  }
  static __device__ __forceinline__ int column(int group) {
    return warp_column() + threadIdx.x % 4 * 2 + group * 8;
  }
  __device__ __forceinline__ float& sum(int r, int group, int i) {
    return sums[r / 2][group][r % 2 * 2 + i];
  }
};
