// plan::Gemm for compute capability 9.0 on: f16 operands in panels, sums in f32.
//
// A block makes a tile of kTileM x kTileN. a is in panels of kTileM rows and b packed alike,
// [k / 8, kTileN, 8] per tile: the layout without swizzling, in which 8 rows of one piece of 8
// columns are a core matrix. So any segment of k is one copy of each, into kStages buffers; those
// of b are on their way before the step before this one has ended. A normalised a is treated as in
// gemm_mma.cuh.
//
// kCluster blocks share the k of a tile; the first adds up the sums, which the others put into its
// shared memory. Where each sum is in one thread then, it leaves from there.
//
// Config C: as of gemm_mma.cuh and int kCluster; kStages at least 3 or all segments; kSegment
// divides kK / kCluster. With kCluster > 1, a normalised a comes with kReadsRowParts. Sums: what
// multiplies, PanelMma<C> or PanelWgmma<C>.
template <class C, class Sums>
struct GemmPanels {
  static constexpr int kThreads = 32 * C::kWarpsM * C::kWarpsN * C::kWarpsK;
  static constexpr int kK = C::kK / C::kCluster;  // of a block
  static constexpr int kSegments = kK / C::kSegment;
  static constexpr int kStages = C::kStages < kSegments ? C::kStages : kSegments;
  static constexpr int kASize = C::kTileM * C::kSegment, kBSize = C::kTileN * C::kSegment;
  static constexpr int kParts = Sums::kParts;
  static constexpr int kSumStride = C::kTileN + 4, kSumSize = C::kTileM * kSumStride;
  typedef RowStatistics<C::kK, kThreads, C::kTileM> Rows;
  typedef GemmFinish<C, kThreads, kParts> Finish;
  typedef PanelFinish<C, Sums> Direct;
  static constexpr int kPlaces = Sums::kRows * Sums::kGroups;  // of two sums each
  static_assert(kK % C::kSegment == 0 && C::kSegment % 16 == 0, "whole segments");
  static_assert(kStages == kSegments || kStages >= 3, "stages");
  static_assert(!C::kNormalize || Rows::kPossible, "whole rows");
  static_assert(!C::kNormalize || C::kReadsRowParts || C::kCluster == 1, "rows of one block");
  static_assert(!C::kWritesRowParts || C::kTileN % kRowPart == 0, "whole parts of rows");

  // Shared memory, in bytes: the buffers, where the sums of one block lie later; those of a cluster
  // come while the first block may still be multiplying.
  static constexpr int kBufferBytes = kStages * (kASize + kBSize) * 2;
  static constexpr int kPartBytes = kParts * kSumSize * 4;
  static constexpr int kSentBytes = (C::kCluster - 1) * kPlaces * kThreads * 8;
  static constexpr int kSumBytes = kPartBytes > kSentBytes ? kPartBytes : kSentBytes;
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
    Direct direct;
    if (Direct::kPossible) direct.start(t, row0, rows);
    __syncthreads();
    wait_for_previous();
    if (threadIdx.x == 0) {
      for (int segment = 0; segment < kStages; ++segment) load_a(segment);
    }
    let_next_start();
    typename Rows::Parts parts;
    if (C::kReadsRowParts && rank == 0)
      parts.load(t.row_parts_in + row0 * (C::kK / kRowPart) * 2, rows);
    Finish end;
    if (rank == 0) {
      if (Direct::kPossible) {
        direct.load(residual, t, column0);
      } else {
        end.start(residual, t, row0, column0, 0);
      }
    }

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
    if (C::kReadsRowParts && rank == 0) parts.finish(C::kEpsilon, means, scales);

    if (C::kCluster > 1) {
      cluster_wait();
      if (rank > 0) send(sums, sum_shared + (rank - 1) * kPlaces * kThreads * 2);
      cluster_arrive();
      if (rank > 0) return;
      cluster_wait();
      receive(sums, sum_shared);
    }
    if (Direct::kPossible) {
      if (C::kNormalize) __syncthreads();
      direct.finish(sums, bias_shared, column_sums, means, scales, out, t, rows, column0);
      return;
    }
    // The sums change hands through shared memory, so that whole rows leave as 16-byte pieces.
    __syncthreads();
    put(sums, sum_shared);
    __syncthreads();
    end.finish(sum_shared, kSumSize, kSumStride, bias_shared, column_sums, means, scales, residual,
               out, t, row0, column0, 0);
  }

  // Each thread's sums to where its like in the first block of the cluster finds them.
  static __device__ __forceinline__ void send(Sums& sums, const float* shared) {
    const unsigned first = in_cluster(shared, 0) + threadIdx.x * 8;
#pragma unroll
    for (int r = 0; r < Sums::kRows; ++r) {
#pragma unroll
      for (int group = 0; group < Sums::kGroups; ++group) {
        store_to_cluster(first + (r * Sums::kGroups + group) * kThreads * 8,
                         make_float2(sums.sum(r, group, 0), sums.sum(r, group, 1)));
      }
    }
  }
  static __device__ __forceinline__ void receive(Sums& sums, const float* shared) {
#pragma unroll
    for (int from = 0; from < C::kCluster - 1; ++from) {
#pragma unroll
      for (int r = 0; r < Sums::kRows; ++r) {
#pragma unroll
        for (int group = 0; group < Sums::kGroups; ++group) {
          const int place = (from * kPlaces + r * Sums::kGroups + group) * kThreads + threadIdx.x;
          const float2 two = reinterpret_cast<const float2*>(shared)[place];
          sums.sum(r, group, 0) += two.x;
          sums.sum(r, group, 1) += two.y;
        }
      }
    }
  }
  // To rows of kSumStride for each part.
  static __device__ __forceinline__ void put(Sums& sums, float* shared) {
#pragma unroll
    for (int r = 0; r < Sums::kRows; ++r) {
#pragma unroll
      for (int group = 0; group < Sums::kGroups; ++group) {
        float* at =
            shared + Sums::part() * kSumSize + Sums::row(r) * kSumStride + Sums::column(group);
        *reinterpret_cast<float2*>(at) = make_float2(sums.sum(r, group, 0), sums.sum(r, group, 1));
      }
    }
  }
};
