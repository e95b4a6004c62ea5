// How the products without tensor cores (gemm_simt.cuh) bring an operand to shared memory.

// Moves an operand's rows, kGroups groups of kEach that are stored kGroup apart, from memory
// through registers to shared memory: [word of k][row]. kRows and kDepth are the sizes of the whole
// matrix. Norm: of each row of the tile; only if kNormalize.
template <class Policy, class View, class T, int kGroups, int kEach, int kGroup, int kRows,
          int kDepth, int kSegment, int kThreads, bool kNormalize>
struct GemmLoader {
  typedef typename Policy::Word Word;
  typedef typename Policy::template Norm<T> Norm;
  static constexpr int kOctets = kSegment / 8;
  static constexpr int kWords = 8 / Policy::kOfWord;  // of a unit, which is 8 of k of one row
  static constexpr int kUnits = kGroups * kEach * kOctets;
  static constexpr int kMine = (kUnits + kThreads - 1) / kThreads;
  // From one word of k to the next, and more after each unit: threads that store different units of
  // a row then do so in different banks.
  static constexpr int kStride = kGroups * kGroup;
  static constexpr int kSkew = 32 / kOctets;
  static constexpr int kSize = kOctets * (kWords * kStride + kSkew);
  // Whether the units of a thread lie at equal distances.
  static constexpr bool kEven =
      !View::kBases && kRows % (kGroups * kEach) == 0 && kThreads % kOctets == 0;

  const T* rows[kEven ? 1 : kMine];  // as piece_start()

  static __device__ __forceinline__ int place(int word) {
    return word * kStride + word / kWords * kSkew;
  }
  static __device__ __forceinline__ bool has(int i) {
    return (i + 1) * kThreads <= kUnits || i * kThreads + static_cast<int>(threadIdx.x) < kUnits;
  }
  static __device__ __forceinline__ int octet(int i) {
    return (i * kThreads + threadIdx.x) % kOctets;
  }
  static __device__ __forceinline__ int row_of(int i) {
    return (i * kThreads + threadIdx.x) / kOctets;
  }

  __device__ __forceinline__ void start(const T* p, const int* table, int row0) {
#pragma unroll
    for (int i = 0; i < (kEven ? 1 : kMine); ++i) {
      const int row = row0 + (has(i) ? row_of(i) : 0);
      rows[i] = piece_start<View>(
          p + row_place<View>(table, kEven || row < kRows ? row : kRows - 1), octet(i) * 8);
    }
  }
  __device__ __forceinline__ const T* row(int i) const {
    return kEven ? rows[0] + i * (kThreads / kOctets) * View::kRowStride : rows[kEven ? 0 : i];
  }
  // Goes on to the next segment.
  __device__ __forceinline__ void advance() {
#pragma unroll
    for (int i = 0; i < (kEven ? 1 : kMine); ++i) rows[i] = piece_start<View>(rows[i], kSegment);
  }
  // Unit `i` of this thread, of the segment that begins at k0.
  __device__ __forceinline__ void read(Piece<T>& piece, int i, const int* offsets, int k0) const {
    if (!has(i)) return;
    read_piece<View, 8, kDepth, kDepth % kSegment != 0>(piece, 0, row(i), offsets,
                                                        k0 + octet(i) * 8);
  }
  __device__ __forceinline__ void write(Word* shared, const Piece<T>& piece, int i,
                                        const Norm* norms) const {
    if (!has(i)) return;
    const int row = row_of(i);
    Word* to = shared + place(octet(i) * kWords) + row / kEach * kGroup + row % kEach;
    if (kNormalize) {
      const Norm norm = norms[row];
#pragma unroll
      for (int w = 0; w < kWords; ++w) to[w * kStride] = norm.word(piece, w);
    } else {
#pragma unroll
      for (int w = 0; w < kWords; ++w) to[w * kStride] = Policy::word(piece, w);
    }
  }
  // The segment that begins at k0, and to which it has advanced.
  __device__ __forceinline__ void copy(Word* shared, const int* offsets, int k0,
                                       const Norm* norms) const {
#pragma unroll
    for (int i = 0; i < kMine; ++i) {
      Piece<T> piece;
      read(piece, i, offsets, k0);
      write(shared, piece, i, norms);
    }
  }
};
