// plan::Gemm for compute capability 9.0 on: f16 operands in panels, sums in f32.
//
// A block makes a tile of kTileM x kTileN. a is in panels of kTileM rows and b packed alike,
// [k / 8, kTileN, 8] per tile: the layout without swizzling, in which 8 rows of one piece of 8
// columns are a core matrix. So any segment of k is one copy of each, into kStages buffers; those
// of b are on their way before the step before this one has ended. A normalised a is treated as in
// gemm_mma.cuh.
//
// kCluster blocks share the k of a tile; the first adds up the sums, which the others put into its
// shared memory.
//
// Config C: as of gemm_mma.cuh and int kCluster; kStages at least 3 or all segments; kSegment
// divides kK / kCluster. With kCluster > 1, a normalised a comes with kReadsRowParts. Sums: what
// multiplies, PanelMma<C> or PanelWgmma<C>.

// By instructions of one warp: kWarpsM x kWarpsN warps, kWarpsK deep.
template <class C>
struct PanelMma {
  static constexpr int kWarpM = C::kTileM / C::kWarpsM, kWarpN = C::kTileN / C::kWarpsN;
  static constexpr int kParts = C::kWarpsK;
  static_assert(kWarpM % 16 == 0 && kWarpN % 16 == 0, "tile");
  float sums[kWarpM / 16][kWarpN / 8][4];

  static __device__ __forceinline__ int warp_k() { return threadIdx.x / 32 % C::kWarpsK; }
  static __device__ __forceinline__ int warp_row() {
    return threadIdx.x / 32 / C::kWarpsK / C::kWarpsN * kWarpM;
  }
  static __device__ __forceinline__ int warp_column() {
    return threadIdx.x / 32 / C::kWarpsK % C::kWarpsN * kWarpN;
  }
  __device__ __forceinline__ void start() { clear(sums); }
  __device__ __forceinline__ void add(const f16* a, const f16* b) {
    multiply<C::kSegment, C::kWarpsK>(sums, a + warp_row() * 8, 8, C::kTileM * 8,
                                      b + warp_column() * 8, 8, C::kTileN * 8, warp_k());
  }
  __device__ __forceinline__ void finish() {}
  // put(part, row, column, two sums) for all of this thread.
  template <class Put>
  __device__ __forceinline__ void hand_over(const Put& put) const {
    const int row = warp_row() + threadIdx.x % 32 / 4, column = warp_column() + threadIdx.x % 4 * 2;
#pragma unroll
    for (int m = 0; m < kWarpM / 16; ++m) {
#pragma unroll
      for (int n = 0; n < kWarpN / 8; ++n) {
        put(warp_k(), row + m * 16, column + n * 8, make_float2(sums[m][n][0], sums[m][n][1]));
        put(warp_k(), row + m * 16 + 8, column + n * 8, make_float2(sums[m][n][2], sums[m][n][3]));
      }
    }
  }
};

template <class C, class Sums>
struct GemmPanels {
  static constexpr int kThreads = 32 * C::kWarpsM * C::kWarpsN * C::kWarpsK;
  static constexpr int kK = C::kK / C::kCluster;  // of a block
  static constexpr int kSegments = kK / C::kSegment;
  static constexpr int kStages = C::kStages < kSegments ? C::kStages : kSegments;
  static constexpr int kASize = C::kTileM * C::kSegment, kBSize = C::kTileN * C::kSegment;
  static constexpr int kParts = Sums::kParts * C::kCluster;
  static constexpr int kSumStride = C::kTileN + 4, kSumSize = C::kTileM * kSumStride;
  typedef RowStatistics<C::kK, kThreads, C::kTileM> Rows;
  typedef GemmFinish<C, kThreads, kParts> Finish;
  static_assert(kK % C::kSegment == 0 && C::kSegment % 16 == 0, "whole segments");
  static_assert(kStages == kSegments || kStages >= 3, "stages");
  static_assert(!C::kNormalize || kThreads % C::kTileM == 0, "whole rows");
  static_assert(!C::kNormalize || C::kReadsRowParts || C::kCluster == 1, "rows of one block");
  static_assert(!C::kWritesRowParts || C::kTileN % kRowPart == 0, "whole parts of rows");

  // Shared memory, in bytes: the buffers, where the sums of one block lie later; those of a cluster
  // come while the first block may still be multiplying.
  static constexpr int kBufferBytes = kStages * (kASize + kBSize) * 2;
  static constexpr int kSumBytes = kParts * kSumSize * 4;
  static constexpr int kSumStart = C::kCluster > 1 ? kBufferBytes : 0;
  static constexpr int kLargeBytes = C::kCluster > 1
                                         ? kBufferBytes + kSumBytes
                                         : (kBufferBytes > kSumBytes ? kBufferBytes : kSumBytes);

  static __device__ __forceinline__ void run(const f16* a, const f16* b,
                                             const typename C::R* residual, typename C::O* out,
                                             const GemmPointers& t, unsigned char* shared) {
    constexpr int kTilesN = (C::kN + C::kTileN - 1) / C::kTileN;
    const int rank = blockIdx.x % C::kCluster, tile = blockIdx.x / C::kCluster;
    const int column0 = tile % kTilesN * C::kTileN, row0 = tile / kTilesN * C::kTileM;
    const int rows = C::kM - row0 < C::kTileM ? C::kM - row0 : C::kTileM;
    f16* a_shared = reinterpret_cast<f16*>(shared);
    f16* b_shared = a_shared + kStages * kASize;
    float* sum_shared = reinterpret_cast<float*>(shared + kSumStart);
    float* bias_shared = reinterpret_cast<float*>(shared + kLargeBytes);
    float* column_sums = bias_shared + C::kTileN;
    float* means = column_sums + C::kTileN;
    float* scales = means + C::kTileM;
    Barrier* barriers = reinterpret_cast<Barrier*>(scales + C::kTileM);
    a += row0 * C::kK + rank * kK * C::kTileM;
    b += column0 * C::kK + rank * kK * C::kTileN;

    const auto load_a = [&](int segment) {
      copy_bytes(a_shared + segment % kStages * kASize, a + segment * kASize, kASize * 2,
                 barriers + segment % kStages);
    };
    const auto load_b = [&](int segment) {
      arrive_expecting(barriers + segment % kStages, (kASize + kBSize) * 2);
      copy_bytes(b_shared + segment % kStages * kBSize, b + segment * kBSize, kBSize * 2,
                 barriers + segment % kStages);
    };
    if (threadIdx.x == 0) {
      for (int i = 0; i < kStages; ++i) start_barrier(barriers + i, 1);
      publish_barriers();
      for (int segment = 0; segment < kStages; ++segment) load_b(segment);
    }
    if (C::kCluster > 1) cluster_arrive();
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
    if (C::kReadsRowParts && rank == 0) {
      Rows::combine(t.row_parts_in + row0 * (C::kK / kRowPart) * 2, rows, C::kEpsilon, means,
                    scales);
    }
    Finish end;
    if (rank == 0) end.start(residual, t, row0, column0, 0);

    Sums sums;
    sums.start();
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
        statistics.template add<C::kSegment>(a_shared + stage * kASize, 8, C::kTileM * 8,
                                             segment == 0);
      }
      sums.add(a_shared + stage * kASize, b_shared + stage * kBSize);
    }
    sums.finish();
    if (C::kNormalize && !C::kReadsRowParts) statistics.finish(C::kEpsilon, means, scales);

    // The sums change hands through shared memory, so that whole rows leave as 16-byte pieces.
    if (C::kCluster > 1) {
      cluster_wait();
      const unsigned first = in_cluster(sum_shared, 0);
      sums.hand_over([&](int part, int row, int column, float2 two) {
        store_to_cluster(
            first + ((rank * Sums::kParts + part) * kSumSize + row * kSumStride + column) * 4, two);
      });
      cluster_arrive();
      if (rank > 0) return;
      cluster_wait();
    } else {
      __syncthreads();
      sums.hand_over([&](int part, int row, int column, float2 two) {
        *reinterpret_cast<float2*>(sum_shared + part * kSumSize + row * kSumStride + column) = two;
      });
      __syncthreads();
    }
    end.finish(sum_shared, kSumSize, kSumStride, bias_shared, column_sums, means, scales, residual,
               out, t, row0, column0, 0);
  }
};
