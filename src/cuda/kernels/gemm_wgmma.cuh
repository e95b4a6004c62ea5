// plan::Gemm on the asynchronous tensor cores of compute capability 9.0 (target sm_90a): f16 operands from
// shared memory, sums in f32, one group of four warps per block.
//
// A block makes a tile of kPanelRows x kTileN. a is in panels and b packed alike, [k / 8, kTileN, 8] per
// tile: the layout without swizzling, in which 8 rows of one piece of 8 columns are a core matrix. So any
// segment of k is one copy of each, into kStages buffers; those of b are on their way before the step
// before this one has ended. A normalised a is treated as in gemm_mma.cuh.
//
// Config C: as of gemm_mma.cuh, less kTileM and the warps; kStages at least 3 or all segments. The text
// that instantiates this defines multiply_tile(), which adds the product of kPanelRows rows and kTileN
// columns over 16 columns of k.

// The descriptor of a tile of `rows` rows at `shared`.
__device__ __forceinline__ unsigned long long matrix_descriptor(const f16* shared, int rows) {
  const unsigned long long start = shared_address(shared) >> 4;
  const unsigned long long next_piece = rows, next_rows = 8;  // in 16 bytes
  return (start & 0x3FFF) | (next_piece << 16) | (next_rows << 32);
}

template <class C>
struct GemmWgmma {
  static constexpr int kThreads = 128;
  static constexpr int kSegments = C::kK / C::kSegment;
  static constexpr int kStages = C::kStages < kSegments ? C::kStages : kSegments;
  static constexpr int kASize = kPanelRows * C::kSegment, kBSize = C::kTileN * C::kSegment;
  static constexpr int kSums = C::kTileN / 2;  // of a thread
  static constexpr int kSumStride = C::kTileN + 4;
  typedef RowStatistics<C::kK, kThreads, kPanelRows> Rows;
  typedef GemmFinish<C, kThreads, 1> Finish;
  static_assert(C::kK % C::kSegment == 0 && C::kSegment % 16 == 0, "whole segments");
  static_assert(kStages == kSegments || kStages >= 3, "stages");
  static_assert(!C::kWritesRowParts || C::kTileN % kRowPart == 0, "whole parts of rows");

  static constexpr int kBufferBytes = kStages * (kASize + kBSize) * 2;
  static constexpr int kSumBytes = kPanelRows * kSumStride * 4;
  static constexpr int kLargeBytes = kBufferBytes > kSumBytes ? kBufferBytes : kSumBytes;
  static constexpr int kSharedBytes = kLargeBytes + (2 * C::kTileN + 2 * kPanelRows) * 4 + kStages * 8;

  static __device__ __forceinline__ void run(const f16* a, const f16* b, const typename C::R* residual,
                                             typename C::O* out, const GemmPointers& t, unsigned char* shared) {
    constexpr int kTilesN = (C::kN + C::kTileN - 1) / C::kTileN;
    const int column0 = blockIdx.x % kTilesN * C::kTileN;
    const int row0 = blockIdx.x / kTilesN * kPanelRows;
    const int rows = C::kM - row0 < kPanelRows ? C::kM - row0 : kPanelRows;
    f16* a_shared = reinterpret_cast<f16*>(shared);
    f16* b_shared = a_shared + kStages * kASize;
    float* bias_shared = reinterpret_cast<float*>(shared + kLargeBytes);
    float* column_sums = bias_shared + C::kTileN;
    float* means = column_sums + C::kTileN;
    float* scales = means + kPanelRows;
    Barrier* barriers = reinterpret_cast<Barrier*>(scales + kPanelRows);

    const auto load_a = [&](int segment) {
      copy_bytes(a_shared + segment % kStages * kASize, a + row0 * C::kK + segment * kASize, kASize * 2,
                 barriers + segment % kStages);
    };
    const auto load_b = [&](int segment) {
      arrive_expecting(barriers + segment % kStages, (kASize + kBSize) * 2);
      copy_bytes(b_shared + segment % kStages * kBSize, b + column0 * C::kK + segment * kBSize, kBSize * 2,
                 barriers + segment % kStages);
    };
    if (threadIdx.x == 0) {
      for (int i = 0; i < kStages; ++i) start_barrier(barriers + i, 1);
      publish_barriers();
      for (int segment = 0; segment < kStages; ++segment) load_b(segment);
    }
    for (int i = threadIdx.x; i < C::kTileN; i += kThreads) {
      const bool valid = C::kN % C::kTileN == 0 || column0 + i < C::kN;
      if (C::kHasBias) bias_shared[i] = valid ? t.bias[column0 + i] : 0.0f;
      if (C::kNormalize) column_sums[i] = valid ? t.column_sums[column0 + i] : 0.0f;
    }
    __syncthreads();
    wait_for_previous();
    if (threadIdx.x == 0) {
      for (int segment = 0; segment < kStages; ++segment) load_a(segment);
    }
    let_next_start();
    if (C::kReadsRowParts) {
      Rows::combine(t.row_parts_in + row0 * (C::kK / kRowPart) * 2, rows, C::kEpsilon, means, scales);
    }
    Finish end;
    end.start(residual, t, row0, column0, 0);

    float sums[kSums];
#pragma unroll
    for (int i = 0; i < kSums; ++i) sums[i] = 0;
    Rows statistics = {0, 0, 0};
    for (int segment = 0; segment < kSegments; ++segment) {
      const int stage = segment % kStages;
      // All warps have finished the segment before the last one: its buffers take the next.
      const int next = segment - 2 + kStages;
      if (kStages < kSegments && segment >= 2 && next < kSegments) {
        __syncthreads();
        if (threadIdx.x == 0) {
          load_b(next);
          load_a(next);
        }
      }
      wait_for(barriers + stage, segment / kStages % 2);
      if (C::kNormalize && !C::kReadsRowParts) {
        statistics.template add<C::kSegment>(a_shared + stage * kASize, 8, kPanelRows * 8, segment == 0);
      }
      asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
      for (int piece = 0; piece < C::kSegment / 8; piece += 2) {
        multiply_tile(sums, matrix_descriptor(a_shared + stage * kASize + piece * kPanelRows * 8, kPanelRows),
                      matrix_descriptor(b_shared + stage * kBSize + piece * C::kTileN * 8, C::kTileN));
      }
      asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
      asm volatile("wgmma.wait_group.sync.aligned 1;" ::: "memory");
    }
    asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
    // The compiler must not move the sums before the products are there.
#pragma unroll
    for (int i = 0; i < kSums; ++i) asm volatile("" : "+f"(sums[i])::"memory");
    if (C::kNormalize && !C::kReadsRowParts) statistics.finish(C::kEpsilon, means, scales);
    __syncthreads();

    // The sums change hands through shared memory, so that whole rows leave as 16-byte pieces.
    float* sum_shared = reinterpret_cast<float*>(shared);
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    float* at = sum_shared + (warp * 16 + lane / 4) * kSumStride + lane % 4 * 2;
#pragma unroll
    for (int n = 0; n < C::kTileN / 8; ++n) {
      *reinterpret_cast<float2*>(at + n * 8) = make_float2(sums[4 * n], sums[4 * n + 1]);
      *reinterpret_cast<float2*>(at + n * 8 + 8 * kSumStride) = make_float2(sums[4 * n + 2], sums[4 * n + 3]);
    }
    __syncthreads();
    end.finish(sum_shared, 0, kSumStride, bias_shared, column_sums, means, scales, residual, out, t, row0, column0, 0);
  }
};
