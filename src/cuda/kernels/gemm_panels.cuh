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

// By instructions of one warp: kWarpsM x kWarpsN warps, kWarpsK deep.
template <class C>
struct PanelMma {
  static constexpr int kWarpM = C::kTileM / C::kWarpsM, kWarpN = C::kTileN / C::kWarpsN;
  static constexpr int kParts = C::kWarpsK;
  // A thread has the sums of two neighbouring columns in each of kGroups groups of 8, of kRows
  // rows.
  static constexpr int kRows = kWarpM / 8, kGroups = kWarpN / 8;
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
  static __device__ __forceinline__ int part() { return warp_k(); }
  static __device__ __forceinline__ int row(int r) {
    return warp_row() + threadIdx.x % 32 / 4 + r * 8;
  }
  static __device__ __forceinline__ int column(int group) {
    return warp_column() + threadIdx.x % 4 * 2 + group * 8;
  }
  __device__ __forceinline__ float& sum(int r, int group, int i) {
    return sums[r / 2][group][r % 2 * 2 + i];
  }
};

// From the sums in the threads' registers to the result, without a detour: for results in pieces of
// f16, which in panels leave a warp as 128 bytes in a row.
template <class C, class Sums>
struct PanelFinish {
  static constexpr bool kPossible =
      Sums::kParts == 1 &&
      in_pieces<typename C::OView>(static_cast<const typename C::O*>(nullptr)) &&
      (!C::kHasResidual ||
       in_pieces<typename C::RView>(static_cast<const typename C::R*>(nullptr))) &&
      C::kN % 8 == 0;
  int out_start[Sums::kRows], residual_start[Sums::kRows], part_start[Sums::kRows];
  unsigned residual[C::kHasResidual ? Sums::kRows : 1][C::kHasResidual ? Sums::kGroups : 1];

  // Where the rows go: constants, which do not wait for the step before.
  __device__ __forceinline__ void start(const GemmPointers& t, int row0, int rows) {
#pragma unroll
    for (int r = 0; r < Sums::kRows; ++r) {
      const int row = row0 + (Sums::row(r) < rows ? Sums::row(r) : 0);
      out_start[r] = row_start<typename C::OView>(t.out_bases, row);
      if (C::kHasResidual) residual_start[r] = row_start<typename C::RView>(t.residual_bases, row);
      if (C::kWritesRowParts)
        part_start[r] = C::kRowPartBases ? t.row_part_bases[row] : row * (C::kN / kRowPart);
    }
  }
  // Fetches what will be added, while the product is under way.
  __device__ __forceinline__ void load(const f16* from, const GemmPointers& t, int column0) {
    if (!C::kHasResidual) return;
#pragma unroll
    for (int r = 0; r < Sums::kRows; ++r) {
#pragma unroll
      for (int group = 0; group < Sums::kGroups; ++group) {
        const int column = column0 + Sums::column(group);
        residual[C::kHasResidual ? r : 0][C::kHasResidual ? group : 0] =
            column < C::kN ? *reinterpret_cast<const unsigned*>(
                                 from + residual_start[r] +
                                 column_offset<typename C::RView>(t.residual_offsets, column))
                           : 0u;
      }
    }
  }
  __device__ __forceinline__ void load(const void*, const GemmPointers&, int) {}

  __device__ __forceinline__ void finish(Sums& sums, const float* bias, const float* column_sums,
                                         const float* means, const float* scales, f16* out,
                                         const GemmPointers& t, int rows, int column0) {
#pragma unroll
    for (int r = 0; r < Sums::kRows; ++r) {
      const bool valid = Sums::row(r) < rows;
      const float mean = C::kNormalize ? means[Sums::row(r)] : 0.0f;
      const float scale = C::kNormalize ? scales[Sums::row(r)] : 1.0f;
#pragma unroll
      for (int group = 0; group < Sums::kGroups; ++group) {
        const int c = Sums::column(group);
#pragma unroll
        for (int i = 0; i < 2; ++i) {
          float& x = sums.sum(r, group, i);
          if (C::kNormalize) x = (x - mean * column_sums[c + i]) * scale;
          x *= C::kAlpha;
          if (C::kHasBias) x += bias[c + i];
          x = activate<C::kActivation>(x);
          if (C::kHasResidual) {
            const unsigned two = residual[C::kHasResidual ? r : 0][C::kHasResidual ? group : 0];
            x += i == 0 ? low_half(two) : high_half(two);
          }
        }
        if (valid && column0 + c < C::kN) {
          *reinterpret_cast<unsigned*>(
              out + out_start[r] + column_offset<typename C::OView>(t.out_offsets, column0 + c)) =
              pack_half2(sums.sum(r, group, 0), sums.sum(r, group, 1));
        }
      }
      if (C::kWritesRowParts) write_parts(sums, r, valid, t.row_parts_out, column0);
    }
  }
  __device__ __forceinline__ void finish(Sums&, const float*, const float*, const float*,
                                         const float*, void*, const GemmPointers&, int, int) {}

  // What RowStatistics::Parts reads: four lanes have a part, two groups of columns.
  __device__ __forceinline__ void write_parts(Sums& sums, int r, bool valid, float* parts,
                                              int column0) {
#pragma unroll
    for (int group = 0; group < Sums::kGroups; group += 2) {
      const float x[4] = {sums.sum(r, group, 0), sums.sum(r, group, 1), sums.sum(r, group + 1, 0),
                          sums.sum(r, group + 1, 1)};
      float sum = x[0] + x[1] + x[2] + x[3], square = 0;
      sum += shuffle_xor(sum, 1);
      sum += shuffle_xor(sum, 2);
      const float mean = sum * (1.0f / kRowPart);
#pragma unroll
      for (int i = 0; i < 4; ++i) square += (x[i] - mean) * (x[i] - mean);
      square += shuffle_xor(square, 1);
      square += shuffle_xor(square, 2);
      const int column = column0 + Sums::column(group);
      if (valid && threadIdx.x % 4 == 0 && column < C::kN) {
        *reinterpret_cast<float2*>(parts + 2 * (part_start[r] + column / kRowPart)) =
            make_float2(mean, square);
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
