// plan::WindowAttention on asynchronous tensor cores (compute capability 9.0): a block projects the
// tokens of one batch to the queries, keys and values of one head and attends at once. a is in
// panels, one for each batch; b is packed by heads.
//
// Error: as of gemm_panels.cuh and attention_mma.cuh; queries, keys and values are rounded to f16
// between them.
//
// P: Config of the projection as of gemm_panels.cuh, with one tile of 64 rows per batch and kTileN
// columns per head. C: Config of the attention as of attention_mma.cuh, with kPanelRows 64, 4 query
// warps and one key warp.
template <class P, class C>
struct WindowAttention {
  typedef AttentionMma<C> Heads;
  typedef PanelWgmma<P> Sums;
  static constexpr int kThreads = 128;
  static constexpr int kSegments = P::kK / P::kSegment;
  static constexpr int kStages = P::kStages < kSegments ? P::kStages : kSegments;
  static constexpr int kASize = 64 * P::kSegment, kBSize = P::kTileN * P::kSegment;
  static constexpr int kHeadHalves = 64 * C::kHeadDim, kValueHalves = 64 * C::kValueDim;
  typedef RowStatistics<P::kK, kThreads, 64> Rows;
  static_assert(P::kTileM == 64 && C::kPanelRows == 64 && C::kKeys <= 64 && C::kKeys == C::kQueries,
                "one panel");
  static_assert(C::kQueryWarps == 4 && C::kKeyWarps == 1 && C::kKeyHeads == C::kHeads, "warps");
  static_assert(P::kTileN == 2 * C::kHeadDim + C::kValueDim, "columns of a head");
  static_assert(kStages == kSegments || kStages >= 3, "stages");

  // Shared memory, in halves: buffers, keys and values; then floats.
  static constexpr int kBufferHalves = kStages * (kASize + kBSize);

  static __device__ __forceinline__ void run(const f16* a, const f16* b,
                                             const float* projection_bias,
                                             const float* sums_of_columns, const float* row_parts,
                                             const typename C::BiasElement* bias,
                                             const int* out_bases, f16* out, f16* shared) {
    const int head = blockIdx.x, batch = blockIdx.y;
    f16* a_shared = shared;
    f16* b_shared = a_shared + kStages * kASize;
    f16* k_shared = shared + kBufferHalves;
    f16* v_shared = k_shared + kHeadHalves;
    float* bias_shared = reinterpret_cast<float*>(v_shared + kValueHalves);
    float* column_sums = bias_shared + P::kTileN;
    float* means = column_sums + P::kTileN;
    float* scales = means + 64;
    Barrier* barriers = reinterpret_cast<Barrier*>(scales + 64);
    a += batch * 64 * P::kK;
    b += head * P::kTileN * P::kK;

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
    const int lane = threadIdx.x % 32, row = threadIdx.x / 32 * 16 + lane / 4;  // and row + 8
    if (C::kHasBias) {
      bias += batch % C::kBiasBatches * C::BiasView::kBatchStride + head * C::BiasView::kHeadStride;
    }
    typename Heads::BiasAhead ahead;
    ahead.load(bias, row < C::kQueries ? row : C::kQueries - 1,
               row + 8 < C::kQueries ? row + 8 : C::kQueries - 1, 0);
    for (int i = threadIdx.x; i < P::kTileN; i += kThreads) {
      bias_shared[i] = P::kHasBias ? projection_bias[head * P::kTileN + i] : 0.0f;
      column_sums[i] = P::kNormalize ? sums_of_columns[head * P::kTileN + i] : 0.0f;
    }
    __syncthreads();
    wait_for_previous();
    if (threadIdx.x == 0) {
      for (int segment = 0; segment < kStages; ++segment) load_a(segment);
    }
    let_next_start();
    typename Rows::Parts parts;
    if (P::kReadsRowParts)
      parts.load(row_parts + batch * C::kKeys * (P::kK / kRowPart) * 2, C::kKeys);

    Sums sums;
    sums.start();
    Rows statistics = {0, 0, 0};
    for (int segment = 0; segment < kSegments; ++segment) {
      const int stage = segment % kStages;
      const int next = segment - 2 + kStages;
      if (kStages < kSegments && segment >= 2 && next < kSegments) {
        __syncthreads();
        if (threadIdx.x == 0) {
          load_b(next);
          load_a(next);
        }
      }
      wait_for(barriers + stage, segment / kStages % 2);
      if (P::kNormalize && !P::kReadsRowParts) {
        statistics.template add<P::kSegment>(a_shared + stage * kASize, 8, 64 * 8, segment == 0);
      }
      sums.add(a_shared + stage * kASize, b_shared + stage * kBSize);
    }
    sums.finish();
    if (P::kNormalize && !P::kReadsRowParts) statistics.finish(P::kEpsilon, means, scales);
    if (P::kReadsRowParts) parts.finish(P::kEpsilon, means, scales);
    if (P::kNormalize) __syncthreads();

    // Queries become operands where they are; keys and values go to where all warps read them.
    unsigned q_part[C::kHeadDim / 16][4];
#pragma unroll
    for (int n = 0; n < P::kTileN / 8; ++n) {
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        const int token = row + 8 * h, column = n * 8 + lane % 4 * 2;
        float x[2];
#pragma unroll
        for (int i = 0; i < 2; ++i) {
          x[i] = sums.sums[4 * n + 2 * h + i];
          if (P::kNormalize) x[i] = (x[i] - means[token] * column_sums[column + i]) * scales[token];
          x[i] = x[i] * P::kAlpha + bias_shared[column + i];
        }
        const unsigned two = pack_half2(x[0], x[1]);
        constexpr int kPieces = C::kHeadDim / 8;
        if (n < kPieces) {
          q_part[n < kPieces ? n / 2 : 0][n % 2 * 2 + h] = two;
        } else if (n < 2 * kPieces) {
          *reinterpret_cast<unsigned*>(k_shared + Heads::key_at(token, n - kPieces) +
                                       lane % 4 * 2) = two;
        } else {
          *reinterpret_cast<unsigned*>(v_shared + Heads::value_at(token, n - 2 * kPieces) +
                                       lane % 4 * 2) = token < C::kKeys ? two : 0u;
        }
      }
    }
    __syncthreads();
    Heads::attend(q_part, k_shared, v_shared, bias, ahead, head, batch, 0, out_bases, out, shared,
                  [] {});
  }
};
