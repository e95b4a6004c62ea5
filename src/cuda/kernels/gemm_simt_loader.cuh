// How the products without tensor cores (gemm_simt.cuh) bring an operand to shared memory.

// What normalises the rows of a tile: x * scale + shift.
struct RowStatistics {
  const float* scales;
  const float* shifts;
};

// Moves an operand's rows, kGroups groups of kEach that are stored kGroup apart, from memory
// through registers to shared memory. kRows and kDepth are the sizes of the whole matrix.
template <class Sums, class View, class T, int kGroups, int kEach, int kGroup, int kRows,
          int kDepth, int kSegment, int kThreads, bool kNormalize>
struct GemmLoader {
  typedef typename Sums::Element Element;
  static constexpr int kTaken = Sums::kTaken;
  static constexpr int kOctets = kSegment / 8;
  static constexpr int kUnitsOfGroup = (kEach + kTaken - 1) / kTaken;
  static constexpr int kUnits = kGroups * kUnitsOfGroup * kOctets;
  static constexpr int kMine = (kUnits + kThreads - 1) / kThreads;
  // Elements from one k to the next, and more after each 8: threads that store 8 k apart then do so
  // in different banks.
  static constexpr int kStride = kGroups * kGroup;
  static constexpr int kSkew = 32 / kOctets * kTaken;
  static constexpr int kSize = (kSegment * kStride + kOctets * kSkew + 7) / 8 * 8;

  const T* rows[kMine][kTaken];  // as piece_start()

  static __device__ __forceinline__ int place(int k) { return k * kStride + k / 8 * kSkew; }
  static __device__ __forceinline__ bool has(int i) {
    return (i + 1) * kThreads <= kUnits || i * kThreads + static_cast<int>(threadIdx.x) < kUnits;
  }
  static __device__ __forceinline__ int octet(int i) {
    return (i * kThreads + threadIdx.x) % kOctets;
  }
  static __device__ __forceinline__ int group(int i) {
    return (i * kThreads + threadIdx.x) / kOctets / kUnitsOfGroup;
  }
  static __device__ __forceinline__ int within(int i) {
    return (i * kThreads + threadIdx.x) / kOctets % kUnitsOfGroup * kTaken;
  }
  // Of the tile; the last instead of what its group lacks.
  static __device__ __forceinline__ int row_of(int i, int t) {
    const int row = within(i) + t;
    return group(i) * kEach + (row < kEach ? row : kEach - 1);
  }

  __device__ __forceinline__ void start(const T* p, const int* table, int row0) {
#pragma unroll
    for (int i = 0; i < kMine; ++i) {
#pragma unroll
      for (int t = 0; t < kTaken; ++t) {
        const int row = row0 + (has(i) ? row_of(i, t) : 0);
        rows[i][t] = piece_start<View>(p + row_place<View>(table, row < kRows ? row : kRows - 1),
                                       octet(i) * 8);
      }
    }
  }
  // Goes on along k.
  __device__ __forceinline__ void advance(int by) {
#pragma unroll
    for (int i = 0; i < kMine; ++i) {
#pragma unroll
      for (int t = 0; t < kTaken; ++t) rows[i][t] = piece_start<View>(rows[i][t], by);
    }
  }
  // Unit `i` of this thread: 8 of k of kTaken rows, of the segment `ahead` elements further than it
  // has advanced, which begins at k0.
  __device__ __forceinline__ void read(Piece<T> (&pieces)[kTaken], int i, const int* offsets,
                                       int k0, int ahead) const {
    if (!has(i)) return;
    const int k = k0 + octet(i) * 8;
#pragma unroll
    for (int t = 0; t < kTaken; ++t) {
      read_piece<View, 8, kDepth, kDepth % kSegment != 0>(
          pieces[t], 0, piece_start<View>(rows[i][t], ahead), offsets, k);
    }
  }
  __device__ __forceinline__ void write(Element* shared, const Piece<T> (&pieces)[kTaken], int i,
                                        const RowStatistics& statistics) const {
    if (!has(i)) return;
    Element* to = shared + place(octet(i) * 8) + group(i) * kGroup + within(i);
    float scales[kTaken], shifts[kTaken];
#pragma unroll
    for (int t = 0; t < kTaken; ++t) {
      scales[t] = kNormalize ? statistics.scales[row_of(i, t)] : 1.0f;
      shifts[t] = kNormalize ? statistics.shifts[row_of(i, t)] : 0.0f;
    }
#pragma unroll
    for (int k = 0; k < 8; ++k) {
      if (kNormalize) {
        float values[kTaken];
#pragma unroll
        for (int t = 0; t < kTaken; ++t) values[t] = fmaf(pieces[t].get(k), scales[t], shifts[t]);
        put(to + k * kStride, Sums::word(values));
      } else {
        put(to + k * kStride, Sums::word(pieces, k));
      }
    }
  }
  __device__ __forceinline__ void copy(Element* shared, const int* offsets,
                                       const RowStatistics& statistics) const {
#pragma unroll
    for (int i = 0; i < kMine; ++i) {
      Piece<T> pieces[kTaken];
      read(pieces, i, offsets, 0, 0);
      write(shared, pieces, i, statistics);
    }
  }
  static __device__ __forceinline__ void put(f16* to, unsigned word) {
    *reinterpret_cast<unsigned*>(to) = word;
  }
  static __device__ __forceinline__ void put(float* to, float value) { *to = value; }
};
