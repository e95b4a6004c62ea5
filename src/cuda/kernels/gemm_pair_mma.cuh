// plan::GemmPair on tensor cores: two products, of which the first's result stays on chip.
//
// A cluster of kSlices blocks makes kTileM whole rows of the result. Each block has a slice of the
// hidden columns: it makes them from the rows of a, and multiplies them with its part of the second
// weights. Then each block adds the parts of all for some of the rows, in the order of the blocks.
//
// Weights come packed, in the order in which they are used: of each slice the segments of the first,
// kHidden / kSlices rows of kSegment1 + 8 halves, and those of the second, kN rows of kSegment2 + 8.
// They pass through kStages buffers, the first of them before the step before this one has ended.
//
// Config C: int kM, kK, kHidden, kN, kTileM, kSlices, kSegment1, kSegment2, kStages, kWarpsN1, kWarpsK1,
// kWarpsN2, kWarpsK2, kActivation; bool kNormalize, kReadsRowParts, kWritesRowParts, kHasBias1, kHasBias2,
// kHasResidual; float kEpsilon; views AView, RView, OView of f16 as in gemm_mma.cuh.

struct GemmPairPointers {
  const int* a_bases;
  const float* bias1;
  const float* column_sums;
  const float* bias2;
  const int* residual_bases;
  const int* out_bases;
  const float* row_parts_in;
  float* row_parts_out;
};

template <class C>
struct GemmPairMma {
  static constexpr int kWarps = C::kWarpsN1 * C::kWarpsK1;
  static constexpr int kThreads = 32 * kWarps;
  static constexpr int kSlice = C::kHidden / C::kSlices;
  static constexpr int kAStride = C::kK + 8, kHiddenStride = kSlice + 8;
  static constexpr int kStride1 = C::kSegment1 + 8, kStride2 = C::kSegment2 + 8;
  static constexpr int kSize1 = kSlice * kStride1, kSize2 = C::kN * kStride2;
  static constexpr int kStageSize = kSize1 > kSize2 ? kSize1 : kSize2;
  static constexpr int kSegments1 = C::kK / C::kSegment1, kSegments2 = kSlice / C::kSegment2;
  static constexpr int kSegments = kSegments1 + kSegments2;
  static constexpr int kSliceSize = kSegments1 * kSize1 + kSegments2 * kSize2;  // of the packed weights
  static constexpr int kBlocksM = C::kTileM / 16;
  static constexpr int kWarpN1 = kSlice / C::kWarpsN1, kWarpN2 = C::kN / C::kWarpsN2;
  static constexpr int kSumStride1 = kSlice + 4, kSumStride2 = C::kN + 4;
  static constexpr int kSumSize1 = C::kTileM * kSumStride1, kSumSize2 = C::kTileM * kSumStride2;
  static constexpr int kRows = C::kTileM / C::kSlices;  // that a block finishes
  static_assert(kWarps == C::kWarpsN2 * C::kWarpsK2, "warps");
  static_assert(kWarpN1 % 16 == 0 && kWarpN2 % 16 == 0 && kRows * C::kSlices == C::kTileM, "tile");
  static_assert(kSegments1 * C::kSegment1 == C::kK && kSegments2 * C::kSegment2 == kSlice, "whole segments");
  typedef RowStatistics<C::kK, kThreads, C::kTileM> Rows;

  static constexpr int larger(int a, int b) { return a > b ? a : b; }
  // Shared memory, in bytes: rows of a, then the sums of the first product; hidden rows; weights, then
  // the sums of the second.
  static constexpr int kFirstBytes = larger(C::kTileM * kAStride * 2, C::kWarpsK1 * kSumSize1 * 4);
  static constexpr int kHiddenBytes = C::kTileM * kHiddenStride * 2;
  static constexpr int kRingBytes = larger(C::kStages * kStageSize * 2, C::kWarpsK2 * kSumSize2 * 4);
  static constexpr int kSharedBytes =
      kFirstBytes + kHiddenBytes + kRingBytes + (2 * kSlice + 3 * C::kTileM) * 4 + (C::kStages + 1) * 8;

  static __device__ __forceinline__ void run(const f16* a, const f16* weights, const f16* residual, f16* out,
                                             const GemmPairPointers& t, unsigned char* shared) {
    const int rank = blockIdx.x % C::kSlices;
    const int row0 = blockIdx.x / C::kSlices * C::kTileM;
    const int rows = C::kM - row0 < C::kTileM ? C::kM - row0 : C::kTileM;
    const int warp = threadIdx.x / 32;
    f16* a_shared = reinterpret_cast<f16*>(shared);
    float* sums1_shared = reinterpret_cast<float*>(shared);
    f16* hidden = reinterpret_cast<f16*>(shared + kFirstBytes);
    f16* ring = reinterpret_cast<f16*>(shared + kFirstBytes + kHiddenBytes);
    float* sums2_shared = reinterpret_cast<float*>(ring);
    float* bias1 = reinterpret_cast<float*>(shared + kFirstBytes + kHiddenBytes + kRingBytes);
    float* column_sums = bias1 + kSlice;
    float* means = column_sums + kSlice;
    float* scales = means + C::kTileM;
    int* a_starts = reinterpret_cast<int*>(scales + C::kTileM);
    Barrier* a_barrier = reinterpret_cast<Barrier*>(a_starts + C::kTileM);
    Barrier* barriers = a_barrier + 1;

    weights += rank * kSliceSize;
    const auto load_weights = [&](int segment) {
      const bool first = segment < kSegments1;
      const int at = first ? segment * kSize1 : kSegments1 * kSize1 + (segment - kSegments1) * kSize2;
      const int bytes = (first ? kSize1 : kSize2) * 2;
      Barrier* barrier = barriers + segment % C::kStages;
      arrive_expecting(barrier, bytes);
      copy_bytes(ring + segment % C::kStages * kStageSize, weights + at, bytes, barrier);
    };
    if (threadIdx.x == 0) {
      start_barrier(a_barrier, kThreads);
      for (int i = 0; i < C::kStages; ++i) start_barrier(barriers + i, 1);
      publish_barriers();
      for (int segment = 0; segment < C::kStages && segment < kSegments; ++segment) load_weights(segment);
    }
    for (int i = threadIdx.x; i < kSlice; i += kThreads) {
      bias1[i] = C::kHasBias1 ? t.bias1[rank * kSlice + i] : 0.0f;
      if (C::kNormalize) column_sums[i] = t.column_sums[rank * kSlice + i];
    }
    for (int i = threadIdx.x; i < C::kTileM; i += kThreads) {
      a_starts[i] = row_start<typename C::AView>(t.a_bases, i < rows ? row0 + i : row0);
    }
    __syncthreads();
    wait_for_previous();
    constexpr int kRowPieces = C::kK / 8;
    for (int i = threadIdx.x; i < C::kTileM * kRowPieces; i += kThreads) {
      const int row = i / kRowPieces, piece = i % kRowPieces * 8;
      if (row < rows) copy16(a_shared + row * kAStride + piece, a + a_starts[row] + piece, true);
    }
    arrive_after_copies(a_barrier);
    if (C::kReadsRowParts) Rows::combine(t.row_parts_in, a_starts, rows, C::kEpsilon, means, scales);
    let_next_start();
    wait_for(a_barrier, 0);
    if (C::kNormalize && !C::kReadsRowParts) {
      Rows statistics = {0, 0, 0};
      statistics.template add<C::kK>(a_shared, kAStride, true);
      statistics.finish(C::kEpsilon, means, scales);
    }

    int segment = 0;
    const auto next_weights = [&] {
      if (kSegments > C::kStages && segment + C::kStages < kSegments) {
        __syncthreads();
        if (threadIdx.x == 0) load_weights(segment + C::kStages);
      }
      ++segment;
    };
    {
      const int warp_k = warp % C::kWarpsK1, column = warp / C::kWarpsK1 * kWarpN1;
      float sums[kBlocksM][kWarpN1 / 8][4];
      clear(sums);
      for (int part = 0; part < kSegments1; ++part) {
        wait_for(barriers + segment % C::kStages, segment / C::kStages % 2);
        multiply<C::kSegment1, C::kWarpsK1>(sums, a_shared + part * C::kSegment1, kAStride,
                                            ring + segment % C::kStages * kStageSize + column * kStride1, kStride1,
                                            warp_k);
        next_weights();
      }
      __syncthreads();
      store_sums(sums, sums1_shared + warp_k * kSumSize1 + column, kSumStride1);
    }
    __syncthreads();
    constexpr int kHiddenPieces = kSlice / 8;
    for (int i = threadIdx.x; i < C::kTileM * kHiddenPieces; i += kThreads) {
      const int r = i / kHiddenPieces, c = i % kHiddenPieces * 8;
      float x[8] = {0, 0, 0, 0, 0, 0, 0, 0};
#pragma unroll
      for (int part = 0; part < C::kWarpsK1; ++part) {
        const float* at = sums1_shared + part * kSumSize1 + r * kSumStride1 + c;
        add_eight(x, *reinterpret_cast<const float4*>(at), *reinterpret_cast<const float4*>(at + 4));
      }
#pragma unroll
      for (int j = 0; j < 8; ++j) {
        if (C::kNormalize) x[j] = (x[j] - means[r] * column_sums[c + j]) * scales[r];
        x[j] = activate<C::kActivation>(x[j] + bias1[c + j]);
      }
      *reinterpret_cast<uint4*>(hidden + r * kHiddenStride + c) = pack(x);
    }
    __syncthreads();
    {
      const int warp_k = warp % C::kWarpsK2, column = warp / C::kWarpsK2 * kWarpN2;
      float sums[kBlocksM][kWarpN2 / 8][4];
      clear(sums);
      for (int part = 0; part < kSegments2; ++part) {
        wait_for(barriers + segment % C::kStages, segment / C::kStages % 2);
        multiply<C::kSegment2, C::kWarpsK2>(sums, hidden + part * C::kSegment2, kHiddenStride,
                                            ring + segment % C::kStages * kStageSize + column * kStride2, kStride2,
                                            warp_k);
        next_weights();
      }
      __syncthreads();
      store_sums(sums, sums2_shared + warp_k * kSumSize2 + column, kSumStride2);
    }
    if (C::kSlices > 1) {
      cluster_barrier();
    } else {
      __syncthreads();
    }
    finish(sums2_shared, residual, out, t, row0, rank);
    if (C::kSlices > 1) cluster_barrier();  // the others may still be reading from here
  }

  static __device__ __forceinline__ void finish(const float* sums, const f16* residual, f16* out,
                                                const GemmPairPointers& t, int row0, int rank) {
    constexpr int kPieces = C::kN / 8;
    for (int i = threadIdx.x; i < kRows * kPieces; i += kThreads) {
      const int r = rank * kRows + i / kPieces, c = i % kPieces * 8;
      const int row = row0 + r;
      if (row >= C::kM) continue;
      float y[8] = {0, 0, 0, 0, 0, 0, 0, 0};
      if (C::kHasResidual) {
        load_row<typename C::RView, C::kN>(y, residual, row_start<typename C::RView>(t.residual_bases, row), nullptr, c);
      }
      float x[8] = {0, 0, 0, 0, 0, 0, 0, 0};
#pragma unroll
      for (int part = 0; part < C::kSlices * C::kWarpsK2; ++part) {
        const float* at = sums + part % C::kWarpsK2 * kSumSize2 + r * kSumStride2 + c;
        if (C::kSlices > 1) {
          const int block = part / C::kWarpsK2;
          add_eight(x, load_from_block(at, block), load_from_block(at + 4, block));
        } else {
          add_eight(x, *reinterpret_cast<const float4*>(at), *reinterpret_cast<const float4*>(at + 4));
        }
      }
#pragma unroll
      for (int j = 0; j < 8; ++j) x[j] += y[j] + (C::kHasBias2 ? t.bias2[c + j] : 0.0f);
      const int start = row_start<typename C::OView>(t.out_bases, row);
      store_row<typename C::OView, C::kN>(out, start, nullptr, x, c);
      if (C::kWritesRowParts) write_row_part(t.row_parts_out + start / C::kN * (C::kN / 32) * 2, x, c);
    }
  }
};
