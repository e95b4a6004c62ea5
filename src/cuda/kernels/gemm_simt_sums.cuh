// How the products without tensor cores (gemm_simt.cuh) multiply and add: in f16, in f32, or 8-bit
// integers.
// Operands are words in shared memory, of kOfWord neighbouring k; a thread's sums are of kRows rows
// by 8 columns, and its rows lie as kGroup words.

__device__ __forceinline__ void get_four(unsigned* to, const unsigned* from) {
  const uint4 x = *reinterpret_cast<const uint4*>(from);
  to[0] = x.x;
  to[1] = x.y;
  to[2] = x.z;
  to[3] = x.w;
}
__device__ __forceinline__ void get_four(float* to, const float* from) {
  const float4 x = *reinterpret_cast<const float4*>(from);
  to[0] = x.x;
  to[1] = x.y;
  to[2] = x.z;
  to[3] = x.w;
}

// A word of each of the rows and columns of a thread; half of the columns lie `apart` further, so
// that neighbouring threads read neighbouring vectors.
template <int kGroup, class Word>
struct GemmWords {
  Word x[kGroup], y[8];
  __device__ __forceinline__ GemmWords(const Word* a, const Word* b, int apart) {
#pragma unroll
    for (int i = 0; i < kGroup; i += 4) get_four(x + i, a + i);
    get_four(y, b);
    get_four(y + 4, b + apart);
  }
};

// Sums that need no other on their way.
template <class T, int kRows>
struct Totals {
  T totals[kRows][8];

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int i = 0; i < kRows; ++i) {
#pragma unroll
      for (int j = 0; j < 8; ++j) totals[i][j] = 0;
    }
  }
  __device__ __forceinline__ void end() {}
};

// Makes (x - mean) * scale of x, but for the factor left().
template <class T>
struct FloatNorm {
  float scale, shift;
  __device__ __forceinline__ void set(float mean, float exact_scale) {
    scale = exact_scale;
    shift = -mean * exact_scale;
  }
  __device__ __forceinline__ float left() const { return 1.0f; }
  __device__ __forceinline__ float get(const Piece<T>& piece, int at) const {
    return fmaf(piece.get(at), scale, shift);
  }
};

struct HalfSums {
  typedef unsigned Word;
  static constexpr bool kShortFunctions = true;
  static constexpr int kOfWord = 2;
  static constexpr int kTogether = 128;  // k until sums go to f32: 64 terms of each half

  template <class T>
  struct Norm : FloatNorm<T> {
    __device__ __forceinline__ unsigned word(const Piece<T>& piece, int at) const {
      return pack_half2(this->get(piece, 2 * at), this->get(piece, 2 * at + 1));
    }
  };

  template <class T>
  static __device__ __forceinline__ unsigned word(const Piece<T>& piece, int at) {
    return pack_half2(piece.get(2 * at), piece.get(2 * at + 1));
  }
  static __device__ __forceinline__ unsigned word(const Piece<f16>& piece, int at) {
    return piece.words[at];
  }
  // Integers are multiplied as kByteFactor of themselves (a power of two), so that sums have the
  // size that they have in numbers; kByteTerm is -1152 of these.
  static __device__ __forceinline__ unsigned word(const Piece<signed char>& piece, int at) {
    const unsigned two = piece.words[at / 2] >> at % 2 * 16;
    const unsigned raised = ((two & 0xFFu) | (two & 0xFF00u) << 8) ^ 0x64806480u;  // 1152 + x
    return fma_half2(raised, kByteFactor, kByteTerm);
  }

  template <int kRows, int kGroup>
  struct Sums {
    unsigned parts[kRows][8];
    float totals[kRows][8];

    __device__ __forceinline__ void clear() {
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 8; ++j) {
          parts[i][j] = 0;
          totals[i][j] = 0.0f;
        }
      }
    }
    __device__ __forceinline__ void add(const unsigned* a, const unsigned* b, int apart) {
      const GemmWords<kGroup, unsigned> words(a, b, apart);
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 8; ++j) parts[i][j] = fma_half2(words.x[i], words.y[j], parts[i][j]);
      }
    }
    __device__ __forceinline__ void end() {
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 8; ++j) {
          totals[i][j] += low_half(parts[i][j]) + high_half(parts[i][j]);
          parts[i][j] = 0;
        }
      }
    }
  };
};

// In f16: two elements in two instructions. What rounding to f16 takes from the scale is left to
// the sums of the row; what it takes from the mean is added.
template <>
struct HalfSums::Norm<f16> {
  unsigned center, scale, shift;
  float rest;
  __device__ __forceinline__ void set(float mean, float exact_scale) {
    center = twice(-mean);
    scale = twice(fminf(exact_scale, 65504.0f));
    shift = twice((-low_half(center) - mean) * low_half(scale));
    rest = exact_scale / low_half(scale);
  }
  static __device__ __forceinline__ unsigned twice(float x) { return pack_half2(x, x); }
  __device__ __forceinline__ float left() const { return rest; }
  __device__ __forceinline__ unsigned word(const Piece<f16>& piece, int at) const {
    constexpr unsigned kOnes = 0x3C003C00u;
    return fma_half2(fma_half2(piece.words[at], kOnes, center), scale, shift);
  }
};

struct FloatSums {
  typedef float Word;
  static constexpr bool kShortFunctions = false;
  static constexpr int kOfWord = 1;
  static constexpr int kTogether = 1 << 30;

  template <class T>
  struct Norm : FloatNorm<T> {
    __device__ __forceinline__ float word(const Piece<T>& piece, int at) const {
      return this->get(piece, at);
    }
  };

  template <class T>
  static __device__ __forceinline__ float word(const Piece<T>& piece, int at) {
    return piece.get(at);
  }

  template <int kRows, int kGroup>
  struct Sums : Totals<float, kRows> {
    __device__ __forceinline__ void add(const float* a, const float* b, int apart) {
      const GemmWords<kGroup, float> words(a, b, apart);
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 8; ++j)
          this->totals[i][j] = fmaf(words.x[i], words.y[j], this->totals[i][j]);
      }
    }
  };
};

// Of 8-bit integers, exact; those of a are unsigned or not. Compute capability 6.1 on.
template <bool kUnsignedA>
struct IntegerSums {
  typedef unsigned Word;
  static constexpr bool kShortFunctions = true;
  static constexpr int kOfWord = 4;
  static constexpr int kTogether = 1 << 30;

  // Of nothing: integers are not normalised.
  template <class T>
  struct Norm : FloatNorm<T> {
    __device__ __forceinline__ unsigned word(const Piece<T>& piece, int at) const {
      return piece.words[at];
    }
  };

  template <class T>
  static __device__ __forceinline__ unsigned word(const Piece<T>& piece, int at) {
    return piece.words[at];
  }

  template <int kRows, int kGroup>
  struct Sums : Totals<int, kRows> {
    __device__ __forceinline__ void add(const unsigned* a, const unsigned* b, int apart) {
      const GemmWords<kGroup, unsigned> words(a, b, apart);
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 8; ++j)
          this->totals[i][j] = add_dot<kUnsignedA>(words.x[i], words.y[j], this->totals[i][j]);
      }
    }
  };
};
