// Up to eight neighbouring elements of a row, moved in vectors of kRun elements where these lie
// next to each other (plan::MatrixView::run). Types without a specialisation move one by one.

template <class T>
struct Piece {
  T values[8];
  static constexpr int kLongestRun = 1;
  template <int kRun>
  __device__ __forceinline__ void read(int at, const T* p) {
    values[at] = *p;
  }
  __device__ __forceinline__ void clear(int at) { values[at] = T(); }
  __device__ __forceinline__ float get(int at) const {
    return static_cast<float>(load(values, at));
  }
  template <int kRun>
  static __device__ __forceinline__ void write(T* p, const float* from) {
    store(p, 0, from[0]);
  }
};

template <>
struct Piece<f16> {
  unsigned words[4];
  static constexpr int kLongestRun = 8;
  template <int kRun>
  __device__ __forceinline__ void read(int at, const f16* p) {
    if (kRun == 8) {
      const uint4 x = *reinterpret_cast<const uint4*>(p);
      words[0] = x.x;
      words[1] = x.y;
      words[2] = x.z;
      words[3] = x.w;
    } else if (kRun == 4) {
      const uint2 x = *reinterpret_cast<const uint2*>(p);
      words[at / 2] = x.x;
      words[at / 2 + 1] = x.y;
    } else if (kRun == 2) {
      words[at / 2] = *reinterpret_cast<const unsigned*>(p);
    } else {
      set(at, p->bits);
    }
  }
  __device__ __forceinline__ void clear(int at) { set(at, 0); }
  __device__ __forceinline__ void set(int at, unsigned bits) {
    unsigned& word = words[at / 2];
    word = at % 2 == 0 ? bits
                       : (word & 0xFFFFu) | bits << 16;  // ascending, so that nothing is undefined
  }
  __device__ __forceinline__ float get(int at) const {
    return at % 2 == 0 ? low_half(words[at / 2]) : high_half(words[at / 2]);
  }
  template <int kRun>
  static __device__ __forceinline__ void write(f16* p, const float* from) {
    if (kRun == 8) {
      *reinterpret_cast<uint4*>(p) =
          make_uint4(pack_half2(from[0], from[1]), pack_half2(from[2], from[3]),
                     pack_half2(from[4], from[5]), pack_half2(from[6], from[7]));
    } else if (kRun == 4) {
      *reinterpret_cast<uint2*>(p) =
          make_uint2(pack_half2(from[0], from[1]), pack_half2(from[2], from[3]));
    } else if (kRun == 2) {
      *reinterpret_cast<unsigned*>(p) = pack_half2(from[0], from[1]);
    } else {
      store(p, 0, from[0]);
    }
  }
};

template <>
struct Piece<float> {
  float values[8];
  static constexpr int kLongestRun = 4;
  template <int kRun>
  __device__ __forceinline__ void read(int at, const float* p) {
    if (kRun == 4) {
      const float4 x = *reinterpret_cast<const float4*>(p);
      values[at] = x.x;
      values[at + 1] = x.y;
      values[at + 2] = x.z;
      values[at + 3] = x.w;
    } else if (kRun == 2) {
      const float2 x = *reinterpret_cast<const float2*>(p);
      values[at] = x.x;
      values[at + 1] = x.y;
    } else {
      values[at] = *p;
    }
  }
  __device__ __forceinline__ void clear(int at) { values[at] = 0.0f; }
  __device__ __forceinline__ float get(int at) const { return values[at]; }
  template <int kRun>
  static __device__ __forceinline__ void write(float* p, const float* from) {
    if (kRun == 4) {
      *reinterpret_cast<float4*>(p) = make_float4(from[0], from[1], from[2], from[3]);
    } else if (kRun == 2) {
      *reinterpret_cast<float2*>(p) = make_float2(from[0], from[1]);
    } else {
      *p = from[0];
    }
  }
};

// Of 8-bit integers T; what is written is whole and fits.
template <class T>
struct BytePiece {
  unsigned words[2];
  static constexpr int kLongestRun = 8;
  template <int kRun>
  __device__ __forceinline__ void read(int at, const T* p) {
    if (kRun == 8) {
      const uint2 x = *reinterpret_cast<const uint2*>(p);
      words[0] = x.x;
      words[1] = x.y;
    } else if (kRun == 4) {
      words[at / 4] = *reinterpret_cast<const unsigned*>(p);
    } else if (kRun == 2) {
      set(at, *reinterpret_cast<const unsigned short*>(p));
    } else {
      set(at, static_cast<unsigned char>(*p));
    }
  }
  __device__ __forceinline__ void clear(int at) { set(at, 0); }
  // Ascending, so that nothing is undefined.
  __device__ __forceinline__ void set(int at, unsigned bits) {
    unsigned& word = words[at / 4];
    word = at % 4 == 0 ? bits : (word & ~(0xFFFFFFFFu << at % 4 * 8)) | bits << at % 4 * 8;
  }
  __device__ __forceinline__ float get(int at) const {
    return static_cast<float>(static_cast<T>(words[at / 4] >> at % 4 * 8 & 0xFFu));
  }
  template <int kRun>
  static __device__ __forceinline__ void write(T* p, const float* from) {
    if (kRun == 8) {
      *reinterpret_cast<uint2*>(p) = make_uint2(pack_bytes(from[0], from[1], from[2], from[3]),
                                                pack_bytes(from[4], from[5], from[6], from[7]));
    } else if (kRun == 4) {
      *reinterpret_cast<unsigned*>(p) = pack_bytes(from[0], from[1], from[2], from[3]);
    } else {
#pragma unroll
      for (int i = 0; i < kRun; ++i) p[i] = static_cast<T>(static_cast<int>(from[i]));
    }
  }
};
template <>
struct Piece<signed char> : BytePiece<signed char> {};
template <>
struct Piece<unsigned char> : BytePiece<unsigned char> {};

template <class View, class T, int kCount>
struct RunOf {
  static constexpr int kView =
      View::kRun < Piece<T>::kLongestRun ? View::kRun : Piece<T>::kLongestRun;
  static constexpr int kRun = kView < kCount ? kView : kCount;
};

// Where the columns from `column` on begin in a row that begins at `p`, for read_piece() and
// write_piece(): with a table they still need the row.
template <class View, class T>
__device__ __forceinline__ T* piece_start(T* p, int column) {
  return View::kOffsets ? p : p + column * View::kColumnStride;
}
template <class View>
__device__ __forceinline__ int row_place(const int* bases, int row) {
  return View::kBases ? bases[row] : row * View::kRowStride;
}

// The elements of columns [column, column + kCount) of a row, at `at` in the piece; 0 from column
// kTotal on, which matters only if kGuarded.
template <class View, int kCount, int kTotal, bool kGuarded, class T>
__device__ __forceinline__ void read_piece(Piece<T>& piece, int at, const T* p, const int* offsets,
                                           int column) {
  constexpr int kRun = RunOf<View, T, kCount>::kRun;
#pragma unroll
  for (int i = 0; i < kCount; i += kRun) {
    if (!kGuarded || column + i < kTotal) {
      piece.template read<kRun>(
          at + i, p + (View::kOffsets ? offsets[column + i] : i * View::kColumnStride));
    } else {
#pragma unroll
      for (int j = 0; j < kRun; ++j) piece.clear(at + i + j);
    }
  }
}

template <class View, int kCount, int kTotal, bool kGuarded, class T>
__device__ __forceinline__ void write_piece(T* p, const int* offsets, int column,
                                            const float* from) {
  constexpr int kRun = RunOf<View, T, kCount>::kRun;
#pragma unroll
  for (int i = 0; i < kCount; i += kRun) {
    if (!kGuarded || column + i < kTotal) {
      Piece<T>::template write<kRun>(
          p + (View::kOffsets ? offsets[column + i] : i * View::kColumnStride), from + i);
    }
  }
}
