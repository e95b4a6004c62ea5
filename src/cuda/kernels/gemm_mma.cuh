// plan::Gemm on tensor cores: f16 operands, sums in f32.
//
// A block makes a tile of kTileM x kTileN. k comes in segments of kSegment through kStages buffers; as
// many segments of b as there are buffers are on their way before the step before this one has ended,
// since weights depend on nobody. Where b is packed, a tile's segment lies in memory as it will lie in
// shared memory, kTileN rows of kSegment + 8 halves, and comes as one copy. The warps stand kWarpsM x kWarpsN over the tile, kWarpsK deep: those
// share the k of each segment. kSplit blocks of a cluster share the segments. All parts of a sum are
// added in one order, so that equal inputs give equal bits.
//
// A normalised a is multiplied as it is: with row mean u and 1/deviation r, and s[n] the sum of b's row
// n, the result is r * (a @ b^T - u * s). Mean and variance are taken in f32 around the row's first
// element, or come from the step that made a: per row and 32 columns their mean and the sum of the
// squared distances from it.
//
// Error of an element: f16 rounding of the operands and the result; products are exact, sums in f32.
//
// Config C: types A, B, R, O (elements of a, b, residual, out); int kM, kN, kK, kTileM, kTileN,
// kSegment (divides kK, a multiple of 16), kStages, kWarpsM, kWarpsN, kWarpsK, kSplit; bool kNormalize,
// kHasBias, kHasResidual, kBConstant, kBPacked, kReadsRowParts, kWritesRowParts; float kEpsilon, kAlpha; int kActivation (plan::Activation); views
// AView, BView, RView, OView with bool kBases, kOffsets and int kRowStride, kColumnStride, kBatchStride,
// kRun; int kTrigger: when the next step may start, 1 once all copies are under way, 2 after the product.

struct GemmPointers {
  const int* a_bases;
  const int* a_offsets;
  const int* b_bases;
  const int* b_offsets;
  const float* bias;
  const float* column_sums;
  const int* residual_bases;
  const int* residual_offsets;
  const int* out_bases;
  const int* out_offsets;
  const float* row_parts_in;
  float* row_parts_out;
};

template <class View>
__device__ __forceinline__ int row_start(const int* bases, int row) {
  return View::kBases ? bases[row] : row * View::kRowStride;
}
template <class View>
__device__ __forceinline__ int column_offset(const int* offsets, int column) {
  return View::kOffsets ? offsets[column] : column * View::kColumnStride;
}

// erf by formula 7.1.26 of Abramowitz and Stegun: absolute error below 1.5e-7.
__device__ __forceinline__ float gelu_for_f16(float x) {
  const float z = fabsf(x) * 0.70710678118654752f;
  const float t = __fdividef(1.0f, 1.0f + 0.3275911f * z);
  const float poly =
      t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
  const float erf_z = 1.0f - poly * __expf(-z * z);
  return 0.5f * x * (1.0f + (x < 0 ? -erf_z : erf_z));
}

template <int activation>
__device__ __forceinline__ float activate(float x) {
  if (activation == 1) return gelu_for_f16(x);
  if (activation == 2) return gelu_tanh(x);
  if (activation == 3) return fmaxf(x, 0.0f);
  if (activation == 4) return x * sigmoid(x);
  if (activation == 5) return x * fminf(fmaxf(x * (1.0f / 6.0f) + 0.5f, 0.0f), 1.0f);
  if (activation == 6) return sigmoid(x);
  return x;
}

__device__ __forceinline__ constexpr bool is_f16(const f16*) { return true; }
template <class T>
__device__ __forceinline__ constexpr bool is_f16(const T*) {
  return false;
}

__device__ __forceinline__ void unpack(const uint4& raw, float (&x)[8]) {
  x[0] = low_half(raw.x), x[1] = high_half(raw.x), x[2] = low_half(raw.y), x[3] = high_half(raw.y);
  x[4] = low_half(raw.z), x[5] = high_half(raw.z), x[6] = low_half(raw.w), x[7] = high_half(raw.w);
}
__device__ __forceinline__ uint4 pack(const float (&x)[8]) {
  return make_uint4(pack_half2(x[0], x[1]), pack_half2(x[2], x[3]), pack_half2(x[4], x[5]),
                    pack_half2(x[6], x[7]));
}

template <class C>
struct GemmMma {
  static constexpr int kWarps = C::kWarpsM * C::kWarpsN * C::kWarpsK;
  static constexpr int kThreads = 32 * kWarps;
  static constexpr int kStride = C::kSegment + 8;  // an odd number of 16 bytes: no bank conflicts
  static constexpr int kSegments = C::kK / C::kSegment / C::kSplit;
  static constexpr int kStages = C::kStages < kSegments ? C::kStages : kSegments;
  static constexpr int kASize = C::kTileM * kStride;
  static constexpr int kBSize = C::kTileN * kStride;
  static constexpr int kWarpM = C::kTileM / C::kWarpsM;
  static constexpr int kWarpN = C::kTileN / C::kWarpsN;
  static constexpr int kBlocksM = kWarpM / 16;
  static constexpr int kBlocksN = kWarpN / 8;
  static constexpr int kSumStride = C::kTileN + 4;
  static constexpr int kSumSize = C::kTileM * kSumStride;
  static constexpr int kPieces = C::kTileN / 8;
  static constexpr int kRows = C::kTileM / C::kSplit;  // that a block finishes
  static constexpr int kEach = (kRows * kPieces + kThreads - 1) / kThreads;
  static_assert(kWarpM % 16 == 0 && kWarpN % 16 == 0 && C::kSegment % 16 == 0, "tile");
  static_assert(C::kK % (C::kSegment * C::kSplit) == 0 && C::kTileM % C::kSplit == 0, "whole parts");
  static_assert(!C::kNormalize || (C::kSplit == 1 && kThreads % C::kTileM == 0), "whole rows");

  // Shared memory, in bytes: the buffers, where the sums lie later; then what stays.
  static constexpr int kBufferBytes = kStages * (kASize + kBSize) * 2;
  static constexpr int kSumBytes = C::kWarpsK * kSumSize * 4;
  static constexpr int kLargeBytes = kBufferBytes > kSumBytes ? kBufferBytes : kSumBytes;
  static constexpr int kSharedBytes = kLargeBytes + (3 * C::kTileN + 3 * C::kTileM) * 4 + kStages * 8;

  // Whether rows can be copied in pieces of 16 bytes.
  template <class View, class T>
  static __device__ __forceinline__ constexpr bool in_pieces(const T* p) {
    return View::kRun == 8 && is_f16(p);
  }

  // A segment of rows of a matrix into shared memory, by all threads. `starts`: of the tile's rows.
  template <class View, int kTileRows, class T>
  static __device__ __forceinline__ void load_segment(f16* shared, const T* p, const int* starts,
                                                      const int* offsets, int rows, int k0, Barrier* barrier) {
    constexpr int kRowPieces = C::kSegment / 8;
    constexpr bool kPieceCopies = in_pieces<View>(static_cast<const T*>(nullptr));
#pragma unroll 8
    for (int i = threadIdx.x; i < kTileRows * kRowPieces; i += kThreads) {
      const int row = i / kRowPieces, k = k0 + i % kRowPieces * 8;
      if (row >= rows) break;
      f16* target = shared + row * kStride + i % kRowPieces * 8;
      if (kPieceCopies) {
        copy16(target, p + starts[row] + column_offset<View>(offsets, k), true);
      } else {
        float x[8];
#pragma unroll
        for (int j = 0; j < 8; ++j) {
          x[j] = static_cast<float>(load(p, starts[row] + column_offset<View>(offsets, k + j)));
        }
        *reinterpret_cast<uint4*>(target) = pack(x);
      }
    }
    if (kPieceCopies) {
      arrive_after_copies(barrier);
    } else {
      arrive(barrier);
    }
  }

  // A segment of the tile of a packed b.
  static __device__ __forceinline__ void load_packed(f16* shared, const f16* p, Barrier* barrier) {
#if __CUDA_ARCH__ >= 900
    if (threadIdx.x == 0) {
      arrive_expecting(barrier, kBSize * 2);
      copy_bytes(shared, p, kBSize * 2, barrier);
    }
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

  static __device__ __forceinline__ void multiply(float (&sums)[kBlocksM][kBlocksN][4], const f16* a,
                                                  const f16* b, int warp_k) {
    const int lane = threadIdx.x % 32;
    // Lane l addresses row l % 16, columns 8 * (l / 16) of a 16x16 block of a; of b, whose blocks are
    // two of 8 rows, row l % 8 + 8 * (l / 16), columns 8 * (l / 8 % 2).
    const f16* a_row = a + (lane % 16) * kStride + (lane / 16) * 8 + warp_k * 16;
    const f16* b_row = b + (lane % 8 + lane / 16 * 8) * kStride + (lane / 8 % 2) * 8 + warp_k * 16;
#pragma unroll
    for (int k = 0; k < C::kSegment; k += 16 * C::kWarpsK) {
      if (C::kSegment % (16 * C::kWarpsK) != 0 && k + warp_k * 16 >= C::kSegment) break;
      unsigned a_part[kBlocksM][4];
#pragma unroll
      for (int m = 0; m < kBlocksM; ++m) load_matrices(a_part[m], a_row + m * 16 * kStride + k);
#pragma unroll
      for (int n = 0; n < kBlocksN; n += 2) {
        unsigned b_part[4];
        load_matrices(b_part, b_row + n * 8 * kStride + k);
#pragma unroll
        for (int m = 0; m < kBlocksM; ++m) {
          multiply_add(sums[m][n], a_part[m], b_part[0], b_part[1]);
          multiply_add(sums[m][n + 1], a_part[m], b_part[2], b_part[3]);
        }
      }
    }
  }

  // Sums of a row's elements and their squares, less its first element; several threads have one row.
  struct RowSums {
    float first, sum, square;
  };
  static constexpr int kThreadsPerRow = kThreads / C::kTileM > 0 ? kThreads / C::kTileM : 1;

  static __device__ __forceinline__ void add_row(RowSums& row, const f16* a, bool first_segment) {
    const int r = threadIdx.x / kThreadsPerRow;
    const f16* at = a + r * kStride;
    if (first_segment) row.first = to_float(at[0]);
#pragma unroll 4
    for (int piece = threadIdx.x % kThreadsPerRow; piece < C::kSegment / 8; piece += kThreadsPerRow) {
      float x[8];
      unpack(*reinterpret_cast<const uint4*>(at + piece * 8), x);
#pragma unroll
      for (int j = 0; j < 8; ++j) {
        const float d = x[j] - row.first;
        row.sum += d;
        row.square += d * d;
      }
    }
  }

  static __device__ __forceinline__ void finish_row(RowSums& row, float* means, float* scales) {
#pragma unroll
    for (int mask = kThreadsPerRow / 2; mask > 0; mask /= 2) {
      row.sum += shuffle_xor(row.sum, mask);
      row.square += shuffle_xor(row.square, mask);
    }
    if (threadIdx.x % kThreadsPerRow == 0) {
      const float mean = row.sum * (1.0f / C::kK);
      const float variance = fmaxf(row.square * (1.0f / C::kK) - mean * mean, 0.0f);
      means[threadIdx.x / kThreadsPerRow] = row.first + mean;
      scales[threadIdx.x / kThreadsPerRow] = rsqrtf(variance + C::kEpsilon);
    }
  }

  // Means and deviations of the tile's rows from those of their groups of 32 columns (Chan, Golub and
  // LeVeque's rule). A row's parts lie in the order of the memory of a.
  static __device__ __forceinline__ void combine_row_parts(const float* parts, const int* starts, int rows,
                                                           float* means, float* scales) {
    constexpr int kGroups = C::kK / 32;
    const int r = threadIdx.x / kThreadsPerRow;
    const float2* part = reinterpret_cast<const float2*>(parts) + (r < rows ? starts[r] / C::kK : 0) * kGroups;
    float2 mine[(kGroups + kThreadsPerRow - 1) / kThreadsPerRow];
    float sum = 0;
#pragma unroll
    for (int g = 0; g < (kGroups + kThreadsPerRow - 1) / kThreadsPerRow; ++g) {
      const int group = g * kThreadsPerRow + threadIdx.x % kThreadsPerRow;
      mine[g] = group < kGroups ? part[group] : make_float2(0, 0);
      sum += mine[g].x;
    }
#pragma unroll
    for (int mask = kThreadsPerRow / 2; mask > 0; mask /= 2) sum += shuffle_xor(sum, mask);
    const float mean = sum * (1.0f / kGroups);
    float square = 0;
#pragma unroll
    for (int g = 0; g < (kGroups + kThreadsPerRow - 1) / kThreadsPerRow; ++g) {
      const float distance = mine[g].x - mean;
      if (g * kThreadsPerRow + threadIdx.x % kThreadsPerRow < kGroups) square += mine[g].y + 32.0f * distance * distance;
    }
#pragma unroll
    for (int mask = kThreadsPerRow / 2; mask > 0; mask /= 2) square += shuffle_xor(square, mask);
    if (threadIdx.x % kThreadsPerRow == 0) {
      means[r] = mean;
      scales[r] = rsqrtf(square * (1.0f / C::kK) + C::kEpsilon);
    }
  }

  // By the four lanes that have a row's group of 32 columns.
  static __device__ __forceinline__ void write_row_part(const GemmPointers& t, const float (&x)[8], int row,
                                                        int column) {
    const unsigned four = 0xFu << (threadIdx.x % 32 / 4 * 4);
    float sum = 0;
#pragma unroll
    for (int j = 0; j < 8; ++j) sum += x[j];
    sum += __shfl_xor_sync(four, sum, 1);
    sum += __shfl_xor_sync(four, sum, 2);
    const float mean = sum * (1.0f / 32);
    float square = 0;
#pragma unroll
    for (int j = 0; j < 8; ++j) square += (x[j] - mean) * (x[j] - mean);
    square += __shfl_xor_sync(four, square, 1);
    square += __shfl_xor_sync(four, square, 2);
    if (threadIdx.x % 4 == 0) {
      const int place = row_start<typename C::OView>(t.out_bases, row) / C::kN * (C::kN / 32) + column / 32;
      reinterpret_cast<float2*>(t.row_parts_out)[place] = make_float2(mean, square);
    }
  }

  static __device__ __forceinline__ void run(const typename C::A* a, const typename C::B* b,
                                             const typename C::R* residual, typename C::O* out,
                                             const GemmPointers& t, unsigned char* shared) {
    constexpr int kTilesN = (C::kN + C::kTileN - 1) / C::kTileN;
    const int rank = blockIdx.x % C::kSplit;
    const int column0 = blockIdx.x / C::kSplit % kTilesN * C::kTileN;
    const int row0 = blockIdx.x / C::kSplit / kTilesN * C::kTileM;
    const int batch = blockIdx.y;
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    f16* a_shared = reinterpret_cast<f16*>(shared);
    f16* b_shared = a_shared + kStages * kASize;
    float* bias_shared = reinterpret_cast<float*>(shared + kLargeBytes);
    float* column_sums = bias_shared + C::kTileN;
    float* means = column_sums + C::kTileN;
    float* scales = means + C::kTileM;
    int* a_starts = reinterpret_cast<int*>(scales + C::kTileM);
    int* b_starts = a_starts + C::kTileM;
    Barrier* barriers = reinterpret_cast<Barrier*>(b_starts + C::kTileN);

    if (threadIdx.x == 0) {
      for (int i = 0; i < kStages; ++i) start_barrier(barriers + i, kThreads + (kBAtOnce ? 1 : kThreads));
      publish_barriers();
    }
    for (int i = threadIdx.x; i < C::kTileN; i += kThreads) {
      const bool valid = C::kN % C::kTileN == 0 || column0 + i < C::kN;
      if (C::kHasBias) bias_shared[i] = valid ? t.bias[column0 + i] : 0.0f;
      if (C::kNormalize) column_sums[i] = valid ? t.column_sums[column0 + i] : 0.0f;
      if (!C::kBPacked) {
        b_starts[i] = batch * C::BView::kBatchStride + (valid ? row_start<typename C::BView>(t.b_bases, column0 + i) : 0);
      }
    }
    for (int i = threadIdx.x; i < C::kTileM; i += kThreads) {
      const bool valid = C::kM % C::kTileM == 0 || row0 + i < C::kM;
      a_starts[i] = batch * C::AView::kBatchStride + (valid ? row_start<typename C::AView>(t.a_bases, row0 + i) : 0);
    }
    __syncthreads();
    const int rows = C::kM - row0 < C::kTileM ? C::kM - row0 : C::kTileM;
    const int columns = C::kN - column0 < C::kTileN ? C::kN - column0 : C::kTileN;
    const auto load_a = [&](int segment) {
      load_segment<typename C::AView, C::kTileM>(a_shared + segment % kStages * kASize, a, a_starts, t.a_offsets, rows,
                                                 (rank * kSegments + segment) * C::kSegment,
                                                 barriers + segment % kStages);
    };
    const auto load_b = [&](int segment) {
      const int number = rank * kSegments + segment;
      f16* target = b_shared + segment % kStages * kBSize;
      Barrier* barrier = barriers + segment % kStages;
      if (C::kBPacked) {
        load_packed(target, b + (column0 / C::kTileN * (C::kK / C::kSegment) + number) * kBSize, barrier);
      } else {
        load_segment<typename C::BView, C::kTileN>(target, b, b_starts, t.b_offsets, columns,
                                                   number * C::kSegment, barrier);
      }
    };
    if (!C::kBConstant) wait_for_previous();
    for (int segment = 0; segment < kStages; ++segment) load_b(segment);
    if (C::kBConstant) wait_for_previous();
    for (int segment = 0; segment < kStages; ++segment) load_a(segment);
    if (C::kTrigger == 1) let_next_start();
    if (C::kReadsRowParts) combine_row_parts(t.row_parts_in, a_starts, rows, means, scales);
    uint4 early[kEach];
    constexpr bool kEarly =
        C::kHasResidual && in_pieces<typename C::RView>(static_cast<const typename C::R*>(nullptr)) && C::kN % 8 == 0;
    if (kEarly) {
#pragma unroll
      for (int e = 0; e < kEach; ++e) {
        const int i = threadIdx.x + e * kThreads;
        const int row = row0 + rank * kRows + i / kPieces, column = column0 + i % kPieces * 8;
        if (i >= kRows * kPieces || row >= C::kM || column >= C::kN) continue;
        early[e] = *reinterpret_cast<const uint4*>(residual + batch * C::RView::kBatchStride +
                                                   row_start<typename C::RView>(t.residual_bases, row) +
                                                   column_offset<typename C::RView>(t.residual_offsets, column));
      }
    }

    float sums[kBlocksM][kBlocksN][4];
#pragma unroll
    for (int m = 0; m < kBlocksM; ++m) {
#pragma unroll
      for (int n = 0; n < kBlocksN; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) sums[m][n][i] = 0;
      }
    }
    const int warp_k = warp % C::kWarpsK;
    const int warp_row = warp / C::kWarpsK / C::kWarpsN * kWarpM;
    const int warp_column = warp / C::kWarpsK % C::kWarpsN * kWarpN;
    RowSums row_sums = {0, 0, 0};
    for (int segment = 0; segment < kSegments; ++segment) {
      const int stage = segment % kStages;
      wait_for(barriers + stage, segment / kStages % 2);
      if (C::kNormalize && !C::kReadsRowParts) add_row(row_sums, a_shared + stage * kASize, segment == 0);
      multiply(sums, a_shared + stage * kASize + warp_row * kStride,
               b_shared + stage * kBSize + warp_column * kStride, warp_k);
      if (kStages < kSegments && segment + kStages < kSegments) {
        __syncthreads();
        load_a(segment + kStages);
        load_b(segment + kStages);
      }
    }
    if (C::kTrigger == 2) let_next_start();
    if (C::kNormalize && !C::kReadsRowParts) finish_row(row_sums, means, scales);
    __syncthreads();

    // The sums change hands through shared memory: whole rows leave as 16-byte pieces, and the blocks
    // of a cluster each finish a part of the rows.
    float* sum_shared = reinterpret_cast<float*>(shared);
#pragma unroll
    for (int m = 0; m < kBlocksM; ++m) {
#pragma unroll
      for (int n = 0; n < kBlocksN; ++n) {
        float* at = sum_shared + warp_k * kSumSize + (warp_row + m * 16 + lane / 4) * kSumStride + warp_column +
                    n * 8 + lane % 4 * 2;
        *reinterpret_cast<float2*>(at) = make_float2(sums[m][n][0], sums[m][n][1]);
        *reinterpret_cast<float2*>(at + 8 * kSumStride) = make_float2(sums[m][n][2], sums[m][n][3]);
      }
    }
    if (C::kSplit > 1) {
      cluster_barrier();
    } else {
      __syncthreads();
    }
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
      const int i = threadIdx.x + e * kThreads;
      const int r = rank * kRows + i / kPieces, c = i % kPieces * 8;
      // The lanes of a group of 32 columns go on together: write_row_part() needs them all.
      if (i >= kRows * kPieces || row0 + r >= C::kM || column0 + c >= C::kN) continue;
      float x[8];
      add_parts(x, sum_shared + r * kSumStride + c);
#pragma unroll
      for (int j = 0; j < 8; ++j) {
        if (C::kNormalize) x[j] = (x[j] - means[r] * column_sums[c + j]) * scales[r];
        x[j] *= C::kAlpha;
        if (C::kHasBias) x[j] += bias_shared[c + j];
        x[j] = activate<C::kActivation>(x[j]);
      }
      if (C::kHasResidual) {
        float y[8];
        if (kEarly) {
          unpack(early[e], y);
        } else {
          load_residual(y, residual, t, batch, row0 + r, column0 + c);
        }
#pragma unroll
        for (int j = 0; j < 8; ++j) x[j] += y[j];
      }
      store_row(out, t, x, batch, row0 + r, column0 + c);
      if (C::kWritesRowParts) write_row_part(t, x, row0 + r, column0 + c);
    }
    if (C::kSplit > 1) cluster_barrier();  // the others may still be reading from here
  }

  // Eight neighbours of the tile from all warps and blocks that share them.
  static __device__ __forceinline__ void add_parts(float (&x)[8], const float* at) {
#pragma unroll
    for (int j = 0; j < 8; ++j) x[j] = 0;
#pragma unroll
    for (int part = 0; part < C::kSplit * C::kWarpsK; ++part) {
      const float* place = at + part % C::kWarpsK * kSumSize;
      const int rank = part / C::kWarpsK;
      const float4 low = C::kSplit > 1 ? load_from_block(place, rank) : *reinterpret_cast<const float4*>(place);
      const float4 high =
          C::kSplit > 1 ? load_from_block(place + 4, rank) : *reinterpret_cast<const float4*>(place + 4);
      x[0] += low.x, x[1] += low.y, x[2] += low.z, x[3] += low.w;
      x[4] += high.x, x[5] += high.y, x[6] += high.z, x[7] += high.w;
    }
  }

  static __device__ __forceinline__ void load_residual(float (&y)[8], const typename C::R* residual,
                                                       const GemmPointers& t, int batch, int row, int column) {
    const int start = batch * C::RView::kBatchStride + row_start<typename C::RView>(t.residual_bases, row);
#pragma unroll
    for (int j = 0; j < 8; ++j) {
      y[j] = column + j < C::kN
                 ? static_cast<float>(
                       load(residual, start + column_offset<typename C::RView>(t.residual_offsets, column + j)))
                 : 0.0f;
    }
  }

  static __device__ __forceinline__ void store_row(typename C::O* out, const GemmPointers& t, const float (&x)[8],
                                                   int batch, int row, int column) {
    const int start = batch * C::OView::kBatchStride + row_start<typename C::OView>(t.out_bases, row);
    if (in_pieces<typename C::OView>(static_cast<const typename C::O*>(nullptr)) && C::kN % 8 == 0) {
      *reinterpret_cast<uint4*>(out + start + column_offset<typename C::OView>(t.out_offsets, column)) = pack(x);
      return;
    }
#pragma unroll
    for (int j = 0; j < 8; ++j) {
      if (column + j < C::kN) store(out, start + column_offset<typename C::OView>(t.out_offsets, column + j), x[j]);
    }
  }
};
