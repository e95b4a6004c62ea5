// The chains of roof_arithmetic.cuh on tensor cores, by Products of mma.cuh: each step is a product of
// 16 x 16 and 16 x 8 halves, or of pairs of 8-bit integers, for each chain of a warp.

template <class Products>
struct TensorChains {
  static constexpr int kChains = 4;
  typename Products::Sum sums[kChains][4];
  unsigned a[4];
  unsigned b[2];

  __device__ __forceinline__ void start(float seed) {
    const unsigned x = pack_half2(0.5f * seed, -0.5f * seed);
#pragma unroll
    for (int i = 0; i < 4; ++i) a[i] = x + static_cast<unsigned>(i);
#pragma unroll
    for (int i = 0; i < 2; ++i) b[i] = x + static_cast<unsigned>(i);
#pragma unroll
    for (int c = 0; c < kChains; ++c) {
#pragma unroll
      for (int i = 0; i < 4; ++i) sums[c][i] = static_cast<typename Products::Sum>(c);
    }
  }
  __device__ __forceinline__ void step() {
#pragma unroll
    for (int c = 0; c < kChains; ++c) Products::add(sums[c], a, b[0], b[1]);
  }
  __device__ __forceinline__ float total() const {
    typename Products::Sum sum = 0;
#pragma unroll
    for (int c = 0; c < kChains; ++c) sum += sums[c][0] + sums[c][1] + sums[c][2] + sums[c][3];
    return static_cast<float>(sum);
  }
};
