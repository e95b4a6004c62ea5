// How the products without tensor cores (gemm_simt.cuh) multiply and add: in f16 or in f32. A
// thread's sums are of kRows rows by 8 columns; its rows lie as kGroup elements in shared memory.

struct HalfSums {
  typedef f16 Element;
  static constexpr bool kShortFunctions = true;
  static constexpr int kTaken = 2;      // rows that are stored as one word
  static constexpr int kColumnRun = 8;  // columns of a thread next to each other

  // Element `at` of each of kTaken rows as one word.
  static __device__ __forceinline__ unsigned word(const Piece<f16>* rows, int at) {
    const unsigned x = rows[0].words[at / 2], y = rows[1].words[at / 2];
    return at % 2 == 0 ? low_halves(x, y) : high_halves(x, y);
  }
  template <class T>
  static __device__ __forceinline__ unsigned word(const Piece<T>* rows, int at) {
    return pack_half2(rows[0].get(at), rows[1].get(at));
  }
  static __device__ __forceinline__ unsigned word(const float* values) {
    return pack_half2(values[0], values[1]);
  }

  template <int kRows, int kGroup>
  struct Sums {
    unsigned parts[kRows][4];
    float totals[kRows][8];

    __device__ __forceinline__ void clear() {
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 8; ++j) totals[i][j] = 0.0f;
      }
    }
    __device__ __forceinline__ void begin() {
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 4; ++j) parts[i][j] = 0;
      }
    }
    __device__ __forceinline__ void add(const f16* a, const f16* b, int) {
      unsigned x[kGroup / 2];
      const uint2* vectors = reinterpret_cast<const uint2*>(a);
      if (kGroup == 8) {
        const uint4 both = *reinterpret_cast<const uint4*>(a);
        x[0] = both.x;
        x[1] = both.y;
        x[kGroup / 2 - 2] = both.z;
        x[kGroup / 2 - 1] = both.w;
      } else {
        x[0] = vectors->x;
        x[1] = vectors->y;
      }
      const uint4 y = *reinterpret_cast<const uint4*>(b);
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
        const unsigned twice = i % 2 == 0 ? low_twice(x[i / 2]) : high_twice(x[i / 2]);
        parts[i][0] = fma_half2(twice, y.x, parts[i][0]);
        parts[i][1] = fma_half2(twice, y.y, parts[i][1]);
        parts[i][2] = fma_half2(twice, y.z, parts[i][2]);
        parts[i][3] = fma_half2(twice, y.w, parts[i][3]);
      }
    }
    __device__ __forceinline__ void end() {
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 4; ++j) {
          totals[i][2 * j] += low_half(parts[i][j]);
          totals[i][2 * j + 1] += high_half(parts[i][j]);
        }
      }
    }
  };
};

struct FloatSums {
  typedef float Element;
  static constexpr bool kShortFunctions = false;
  static constexpr int kTaken = 1;
  static constexpr int kColumnRun = 4;  // two apart: neighbouring threads read neighbouring vectors

  template <class T>
  static __device__ __forceinline__ float word(const Piece<T>* rows, int at) {
    return rows[0].get(at);
  }
  static __device__ __forceinline__ float word(const float* values) { return values[0]; }

  template <int kRows, int kGroup>
  struct Sums {
    float totals[kRows][8];

    __device__ __forceinline__ void clear() {
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 8; ++j) totals[i][j] = 0.0f;
      }
    }
    __device__ __forceinline__ void begin() {}
    __device__ __forceinline__ void add(const float* a, const float* b, int apart) {
      float x[kGroup], y[8];
#pragma unroll
      for (int i = 0; i < kGroup; i += 4) get(x + i, a + i);
      get(y, b);
      get(y + 4, b + apart);
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 8; ++j) totals[i][j] = fmaf(x[i], y[j], totals[i][j]);
      }
    }
    __device__ __forceinline__ void end() {}

    static __device__ __forceinline__ void get(float* to, const float* from) {
      const float4 x = *reinterpret_cast<const float4*>(from);
      to[0] = x.x;
      to[1] = x.y;
      to[2] = x.z;
      to[3] = x.w;
    }
  };
};
