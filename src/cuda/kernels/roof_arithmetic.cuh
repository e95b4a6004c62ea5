// Loops of multiply-adds in registers, in chains that do not depend on each other: so many that the
// latency of one is hidden by the others.

struct F32Chains {
  static constexpr int kChains = 8;
  float x[kChains];
  float factor;

  __device__ __forceinline__ void start(float seed) {
    factor = 0.5f * seed;
#pragma unroll
    for (int c = 0; c < kChains; ++c) x[c] = seed + static_cast<float>(c);
  }
  __device__ __forceinline__ void step() {
#pragma unroll
    for (int c = 0; c < kChains; ++c) x[c] = fmaf(x[c], factor, factor);
  }
  __device__ __forceinline__ float total() const {
    float sum = 0.0f;
#pragma unroll
    for (int c = 0; c < kChains; ++c) sum += x[c];
    return sum;
  }
};

struct F16Chains {
  static constexpr int kChains = 8;
  unsigned x[kChains];
  unsigned factor;

  __device__ __forceinline__ void start(float seed) {
    factor = pack_half2(0.5f * seed, 0.5f * seed);
#pragma unroll
    for (int c = 0; c < kChains; ++c) x[c] = pack_half2(seed + static_cast<float>(c), seed);
  }
  __device__ __forceinline__ void step() {
#pragma unroll
    for (int c = 0; c < kChains; ++c) x[c] = fma_half2(x[c], factor, factor);
  }
  __device__ __forceinline__ float total() const {
    float sum = 0.0f;
#pragma unroll
    for (int c = 0; c < kChains; ++c) sum += low_half(x[c]) + high_half(x[c]);
    return sum;
  }
};

struct Int8Chains {
  static constexpr int kChains = 8;
  int x[kChains];
  unsigned a, b;

  __device__ __forceinline__ void start(float seed) {
    a = __float_as_uint(seed);
    b = a ^ 0x01010101u;
#pragma unroll
    for (int c = 0; c < kChains; ++c) x[c] = c;
  }
  __device__ __forceinline__ void step() {
#pragma unroll
    for (int c = 0; c < kChains; ++c) x[c] = add_dot<false>(a, b, x[c]);
  }
  __device__ __forceinline__ float total() const {
    int sum = 0;
#pragma unroll
    for (int c = 0; c < kChains; ++c) sum += x[c];
    return static_cast<float>(sum);
  }
};

// kRounds steps of Chains, a multiple of 8; `y` gets what keeps the compiler from leaving them out.
template <class Chains, int kRounds>
__device__ __forceinline__ void run_chains(float* y) {
  constexpr int kUnrolled = 8;
  const int thread = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  Chains chains;
  chains.start(1.0f / static_cast<float>(1 + threadIdx.x % 32));
#pragma unroll 1
  for (int round = 0; round < kRounds; round += kUnrolled) {
#pragma unroll
    for (int i = 0; i < kUnrolled; ++i) chains.step();
  }
  y[thread] = chains.total();
}
