// plan::Gemm on tensor cores: f16 operands, sums in f32; or pairs of 8-bit integers in the places
// of halves (Gemm::pairs), sums in i32.
//
// A block makes a tile of kTileM x kTileN. k comes in segments of kSegment through kStages buffers;
// as many segments of b as there are buffers are on their way before the step before this one has
// ended, since weights depend on nobody. Where b is packed, a tile's segment lies in memory as it
// will lie in shared memory, kTileN rows of kSegment + 8 halves, and comes as one copy. The warps
// stand kWarpsM x kWarpsN over the tile, kWarpsK deep: those share the k of each segment. All parts
// of a sum are added in one order, so that equal inputs give equal bits.
//
// A normalised a is multiplied as it is: with row mean u and 1/deviation r, and s[n] the sum of b's
// row n, the result is r * (a @ b^T - u * s). Mean and variance are taken in f32 around the row's
// first element, or come from the step that made a: per row and kRowPart columns their mean and the
// sum of the squared distances from it.
//
// Error of an element: f16 rounding of the operands and the result; products are exact, sums in
// f32. Sums of integers are exact up to 2^24; a result in integers can be one away where it lies
// half way between two, up to rounding in f32.
//
// Config C: types A, B, R, O (elements of a, b, residual, out); int kM, kN, kK, kTileM, kTileN,
// kSegment (divides kK, a multiple of 16), kStages, kWarpsM, kWarpsN, kWarpsK; bool kNormalize,
// kHasBias, kHasResidual, kBConstant, kBPacked, kReadsRowParts, kWritesRowParts,
// kRowPartBases, kPairs, kUnsignedA (of pairs), kHasScales, kQuantizes; float kEpsilon, kAlpha, and
// with kQuantizes kPerQuantum, kZero, kLow and kHigh (of the integers); int kActivation
// (plan::Activation); views AView, BView, RView, OView (tile.cuh).

template <bool kPairs, bool kUnsignedA>
struct ProductsOf {
  typedef HalfProducts type;
};
template <bool kUnsignedA>
struct ProductsOf<true, kUnsignedA> {
  typedef IntegerProducts<kUnsignedA> type;
};

template <class C>
struct GemmMma {
  typedef typename ProductsOf<C::kPairs, C::kUnsignedA>::type Products;
  static constexpr int kWarps = C::kWarpsM * C::kWarpsN * C::kWarpsK;
  static constexpr int kThreads = 32 * kWarps;
  static constexpr int kStride = C::kSegment + 8;  // an odd number of 16 bytes: no bank conflicts
  static constexpr int kSegments = C::kK / C::kSegment;
  static constexpr int kStages = C::kStages < kSegments ? C::kStages : kSegments;
  static constexpr int kASize = C::kTileM * kStride;
  static constexpr int kBSize = C::kTileN * kStride;
  static constexpr int kWarpM = C::kTileM / C::kWarpsM;
  static constexpr int kWarpN = C::kTileN / C::kWarpsN;
  static constexpr int kBlocksM = kWarpM / 16;
  static constexpr int kBlocksN = kWarpN / 8;
  typedef RowStatistics<C::kK, kThreads, C::kTileM> Rows;
  typedef GemmFinish<C, kThreads, C::kWarpsK> Finish;
  static constexpr int kSumStride = C::kTileN + 4;
  static constexpr int kSumSize = C::kTileM * kSumStride;
  static_assert(kWarpM % 16 == 0 && kWarpN % 16 == 0 && C::kSegment % 16 == 0, "tile");
  static_assert(C::kK % C::kSegment == 0, "whole segments");
  static_assert(!C::kNormalize || Rows::kPossible, "whole rows");
  static_assert(!C::kNormalize || !C::kHasScales, "floats are normalised");
  static_assert(!C::kWritesRowParts || C::kTileN % kRowPart == 0, "whole parts of rows");

  // Shared memory, in bytes: the buffers, where the sums lie later; then what stays.
  static constexpr int kBufferBytes = kStages * (kASize + kBSize) * 2;
  static constexpr int kSumBytes = C::kWarpsK * kSumSize * 4;
  static constexpr int kLargeBytes = kBufferBytes > kSumBytes ? kBufferBytes : kSumBytes;
  static constexpr int kSharedBytes =
      kLargeBytes + (3 * C::kTileN + 3 * C::kTileM) * 4 + kStages * 8;

  // A segment of rows of a matrix into shared memory, by all threads. `starts`: of the tile's rows.
  template <class View, int kTileRows, class T>
  static __device__ __forceinline__ void load_segment(f16* shared, const T* p, const int* starts,
                                                      const int* offsets, int rows, int k0,
                                                      Barrier* barrier) {
    constexpr int kRowPieces = C::kSegment / 8;
    constexpr bool kPieceCopies = in_pieces<View>(static_cast<const T*>(nullptr));
    if (!kPieceCopies) {
      load_by_registers<View, kTileRows>(shared, p, starts, offsets, rows, k0);
      arrive(barrier);
      return;
    }
#pragma unroll 8
    for (int i = threadIdx.x; i < kTileRows * kRowPieces; i += kThreads) {
      const int row = i / kRowPieces, k = k0 + i % kRowPieces * 8;
      if (row >= rows) break;
      copy16(shared + row * kStride + i % kRowPieces * 8,
             p + starts[row] + column_offset<View>(offsets, k), true);
    }
    arrive_after_copies(barrier);
  }

  // The same of elements that are no pieces of f16: several pieces of a thread are on their way at
  // once.
  template <class View, int kTileRows, class T>
  static __device__ __forceinline__ void load_by_registers(f16* shared, const T* p,
                                                           const int* starts, const int* offsets,
                                                           int rows, int k0) {
    constexpr int kRowPieces = C::kSegment / 8, kPieces = kTileRows * kRowPieces;
    constexpr int kTogether = 4;
    for (int first = threadIdx.x; first < kPieces; first += kTogether * kThreads) {
      float x[kTogether][8];
#pragma unroll
      for (int e = 0; e < kTogether; ++e) {
        const int i = first + e * kThreads < kPieces ? first + e * kThreads : 0;
        const int row = i / kRowPieces < rows ? i / kRowPieces : 0;
        load_eight<View>(x[e], p, starts[row], offsets, k0 + i % kRowPieces * 8);
      }
#pragma unroll
      for (int e = 0; e < kTogether; ++e) {
        const int i = first + e * kThreads;
        if (i < kPieces) {
          *reinterpret_cast<uint4*>(shared + i / kRowPieces * kStride + i % kRowPieces * 8) =
              pack(x[e]);
        }
      }
    }
  }

  // A segment of the tile of a packed b.
  static __device__ __forceinline__ void load_packed(f16* shared, const f16* p, Barrier* barrier) {
#if __CUDA_ARCH__ >= 900
    if (threadIdx.x != 0) return;
    arrive_expecting(barrier, kBSize * 2);
    copy_bytes(shared, p, kBSize * 2, barrier);
#else
    for (int i = threadIdx.x * 8; i < kBSize; i += kThreads * 8) copy16(shared + i, p + i, true);
    arrive_after_copies(barrier);
#endif
  }
  static __device__ __forceinline__ void load_packed(f16*, const void*, Barrier*) {}

#if __CUDA_ARCH__ >= 900
  static constexpr bool kBAtOnce = C::kBPacked;
#else
  static constexpr bool kBAtOnce = false;
#endif

  static __device__ __forceinline__ void run(const typename C::A* a, const typename C::B* b,
                                             const typename C::R* residual, typename C::O* out,
                                             const GemmPointers& t, unsigned char* shared) {
    constexpr int kTilesN = (C::kN + C::kTileN - 1) / C::kTileN;
    const int column0 = blockIdx.x % kTilesN * C::kTileN;
    const int row0 = blockIdx.x / kTilesN * C::kTileM;
    const int batch = blockIdx.y;
    const int warp = threadIdx.x / 32;
    f16* a_shared = reinterpret_cast<f16*>(shared);
    f16* b_shared = a_shared + kStages * kASize;
    float* bias_shared = reinterpret_cast<float*>(shared + kLargeBytes);
    float* of_columns = bias_shared + C::kTileN;
    float* means = of_columns + C::kTileN;
    float* scales = means + C::kTileM;
    int* a_starts = reinterpret_cast<int*>(scales + C::kTileM);
    int* b_starts = a_starts + C::kTileM;
    Barrier* barriers = reinterpret_cast<Barrier*>(b_starts + C::kTileN);

    if (threadIdx.x == 0) {
      for (int i = 0; i < kStages; ++i)
        start_barrier(barriers + i, kThreads + (kBAtOnce ? 1 : kThreads));
      publish_barriers();
    }
    for (int i = threadIdx.x; i < C::kTileN; i += kThreads) {
      const bool valid = C::kN % C::kTileN == 0 || column0 + i < C::kN;
      if (C::kHasBias) bias_shared[i] = valid ? t.bias[column0 + i] : 0.0f;
      if (C::kNormalize) of_columns[i] = valid ? t.column_sums[column0 + i] : 0.0f;
      if (C::kHasScales) of_columns[i] = valid ? t.column_scales[column0 + i] : 0.0f;
      if (!C::kBPacked) {
        b_starts[i] = batch * C::BView::kBatchStride +
                      (valid ? row_start<typename C::BView>(t.b_bases, column0 + i) : 0);
      }
    }
    for (int i = threadIdx.x; i < C::kTileM; i += kThreads) {
      const bool valid = C::kM % C::kTileM == 0 || row0 + i < C::kM;
      a_starts[i] = batch * C::AView::kBatchStride +
                    (valid ? row_start<typename C::AView>(t.a_bases, row0 + i) : 0);
    }
    __syncthreads();
    const int rows = C::kM - row0 < C::kTileM ? C::kM - row0 : C::kTileM;
    const int columns = C::kN - column0 < C::kTileN ? C::kN - column0 : C::kTileN;
    const auto load_a = [&](int segment) {
      load_segment<typename C::AView, C::kTileM>(a_shared + segment % kStages * kASize, a, a_starts,
                                                 t.a_offsets, rows, segment * C::kSegment,
                                                 barriers + segment % kStages);
    };
    const auto load_b = [&](int segment) {
      f16* target = b_shared + segment % kStages * kBSize;
      Barrier* barrier = barriers + segment % kStages;
      if (C::kBPacked) {
        load_packed(target, b + (column0 / C::kTileN * kSegments + segment) * kBSize, barrier);
      } else {
        load_segment<typename C::BView, C::kTileN>(target, b, b_starts, t.b_offsets, columns,
                                                   segment * C::kSegment, barrier);
      }
    };
    if (!C::kBConstant) wait_for_previous();
    for (int segment = 0; segment < kStages; ++segment) load_b(segment);
    if (C::kBConstant) wait_for_previous();
    for (int segment = 0; segment < kStages; ++segment) load_a(segment);
    let_next_start();
    if (C::kReadsRowParts) {
      typename Rows::Parts parts;
      parts.load(t.row_parts_in + row0 * (C::kK / kRowPart) * 2, rows);
      parts.finish(C::kEpsilon, means, scales);
    }
    Finish end;
    end.start(residual, t, row0, column0, batch);

    typename Products::Sum sums[kBlocksM][kBlocksN][4];
    clear(sums);
    const int warp_k = warp % C::kWarpsK;
    const int warp_row = warp / C::kWarpsK / C::kWarpsN * kWarpM;
    const int warp_column = warp / C::kWarpsK % C::kWarpsN * kWarpN;
    Rows row_sums = {0, 0, 0};
    for (int segment = 0; segment < kSegments; ++segment) {
      const int stage = segment % kStages;
      wait_for(barriers + stage, segment / kStages % 2);
      if (C::kNormalize && !C::kReadsRowParts)
        row_sums.template add<C::kSegment>(a_shared + stage * kASize, kStride, 8, segment == 0);
      multiply<Products, C::kSegment, C::kWarpsK>(
          sums, a_shared + stage * kASize + warp_row * kStride, kStride, 8,
          b_shared + stage * kBSize + warp_column * kStride, kStride, 8, warp_k);
      if (kStages < kSegments && segment + kStages < kSegments) {
        __syncthreads();
        load_b(segment + kStages);
        load_a(segment + kStages);
      }
    }
    if (C::kNormalize && !C::kReadsRowParts) row_sums.finish(C::kEpsilon, means, scales);
    __syncthreads();

    // The sums change hands through shared memory, so that whole rows leave as 16-byte pieces.
    float* sum_shared = reinterpret_cast<float*>(shared);
    store_sums(sums, sum_shared + warp_k * kSumSize + warp_row * kSumStride + warp_column,
               kSumStride);
    __syncthreads();
    end.finish(sum_shared, kSumSize, kSumStride, bias_shared, of_columns, means, scales, residual,
               out, t, row0, column0, batch);
  }
};
