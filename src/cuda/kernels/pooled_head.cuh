// plan::PooledHead (compute capability 9.0): the kBlocks blocks of a cluster have one batch. Each
// sums up some of its tokens, puts together the sums of all, and makes kN / kBlocks columns of the
// result; their weights are on their way before the step before this one has ended.
//
// Error: sums are in f32 and nothing is rounded between them; operands are f16.
//
// Config C: int kTokens, kK, kN, kBlocks, kThreads, kRowWarps; float kEpsilon, kResultEpsilon; bool
// kNormalize, kHasScale, kHasShift, kHasBias, kNormalizeResult, kHasResultScale, kHasResultShift;
// O: type of the result.
struct PooledHeadPointers {
  const f16* x;
  const f16* weights;
  const float* bias;
  const float* scale;
  const float* shift;
  const float* result_scale;
  const float* result_shift;
};

template <class C>
struct PooledHead {
  static constexpr int kWarps = C::kThreads / 32;
  static constexpr int kRowWarps = C::kRowWarps;  // that sum up tokens
  static constexpr int kPieces = C::kK / 8, kEach = (kPieces + 31) / 32;  // of a row, of a lane
  static constexpr int kColumns = C::kN / C::kBlocks;
  static constexpr int kOwn = (C::kK + C::kThreads - 1) / C::kThreads;  // sums of a thread
  static constexpr int kTurns =
      (C::kTokens + C::kBlocks * kRowWarps - 1) / (C::kBlocks * kRowWarps);
  static_assert(C::kK % 8 == 0 && C::kN % C::kBlocks == 0 && kColumns <= C::kThreads, "sizes");
  static_assert(kWarps >= kRowWarps, "threads");

  struct Shared {
    f16 weights[kColumns * C::kK];
    float warp_sums[kRowWarps * C::kK];
    float block_sums[C::kK];
    float pooled[C::kK];
    float results[kColumns];
    float2 moments[C::kBlocks];  // mean and squared distances of each block's results
    Barrier barrier;
  };

  // The elements of a row that this lane has, less their mean and over their deviation.
  static __device__ __forceinline__ void load_token(float (&x)[kEach][8], const f16* row) {
    const int lane = threadIdx.x % 32;
    float sum = 0;
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
      uint4 raw = make_uint4(0, 0, 0, 0);
      if (lane + e * 32 < kPieces) raw = reinterpret_cast<const uint4*>(row)[lane + e * 32];
      unpack(raw, x[e]);
#pragma unroll
      for (int j = 0; j < 8; ++j) sum += x[e][j];
    }
    if (!C::kNormalize) return;
    const float mean = lanes_sum(sum) * (1.0f / C::kK);
    float square = 0;
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
#pragma unroll
      for (int j = 0; j < 8; ++j) {
        x[e][j] = lane + e * 32 < kPieces ? x[e][j] - mean : 0.0f;
        square += x[e][j] * x[e][j];
      }
    }
    const float scale = rsqrtf(lanes_sum(square) * (1.0f / C::kK) + C::kEpsilon);
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
#pragma unroll
      for (int j = 0; j < 8; ++j) x[e][j] *= scale;
    }
  }

  // The tokens of this block, kRowWarps at a time, into warp_sums.
  static __device__ __forceinline__ void add_tokens(const f16* x, int rank, float* warp_sums) {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    float sums[kEach][8];
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
#pragma unroll
      for (int j = 0; j < 8; ++j) sums[e][j] = 0;
    }
#pragma unroll
    for (int turn = 0; turn < kTurns; ++turn) {
      const int token = (turn * kRowWarps + warp) * C::kBlocks + rank;
      if (token >= C::kTokens) break;
      float one[kEach][8];
      load_token(one, x + token * C::kK);
#pragma unroll
      for (int e = 0; e < kEach; ++e) {
#pragma unroll
        for (int j = 0; j < 8; ++j) sums[e][j] += one[e][j];
      }
    }
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
      if (lane + e * 32 >= kPieces) break;
      float4* at = reinterpret_cast<float4*>(warp_sums + warp * C::kK + (lane + e * 32) * 8);
      at[0] = make_float4(sums[e][0], sums[e][1], sums[e][2], sums[e][3]);
      at[1] = make_float4(sums[e][4], sums[e][5], sums[e][6], sums[e][7]);
    }
  }

  static __device__ __forceinline__ void multiply_columns(const f16* weights, const float* pooled,
                                                          float* results) {
    const int lane = threadIdx.x % 32;
    float vector[kEach][8];
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
      const int piece = lane + e * 32;
#pragma unroll
      for (int j = 0; j < 8; ++j) vector[e][j] = piece < kPieces ? pooled[piece * 8 + j] : 0.0f;
    }
#pragma unroll 4
    for (int column = threadIdx.x / 32; column < kColumns; column += kWarps) {
      const uint4* row = reinterpret_cast<const uint4*>(weights + column * C::kK);
      float sum = 0;
#pragma unroll
      for (int e = 0; e < kEach; ++e) {
        float w[8];
        unpack(row[lane + e * 32 < kPieces ? lane + e * 32 : 0], w);
#pragma unroll
        for (int j = 0; j < 8; ++j) sum += w[j] * vector[e][j];
      }
      sum = lanes_sum(sum);
      if (lane == 0) results[column] = sum;
    }
  }

  // Of this block's results to all blocks of the cluster.
  static __device__ __forceinline__ void share_moments(const float* results, int rank,
                                                       const float2* moments) {
    const int lane = threadIdx.x % 32;
    float sum = 0, square = 0;
    for (int c = lane; c < kColumns; c += 32) sum += results[c];
    const float mean = lanes_sum(sum) * (1.0f / kColumns);
    for (int c = lane; c < kColumns; c += 32) {
      square += (results[c] - mean) * (results[c] - mean);
    }
    square = lanes_sum(square);
    if (lane < C::kBlocks)
      store_to_cluster(in_cluster(moments + rank, lane), make_float2(mean, square));
  }

  static __device__ __forceinline__ float normalized(float x, const float2* moments) {
    float mean = 0, square = 0;
#pragma unroll
    for (int b = 0; b < C::kBlocks; ++b) mean += moments[b].x;
    mean *= 1.0f / C::kBlocks;
#pragma unroll
    for (int b = 0; b < C::kBlocks; ++b) {
      square += moments[b].y + kColumns * (moments[b].x - mean) * (moments[b].x - mean);
    }
    return (x - mean) * rsqrtf(square * (1.0f / C::kN) + C::kResultEpsilon);
  }

  static __device__ __forceinline__ void run(const PooledHeadPointers& p, typename C::O* out,
                                             Shared& shared) {
    const int rank = blockIdx.x % C::kBlocks, batch = blockIdx.x / C::kBlocks;
    const int thread = threadIdx.x, column = rank * kColumns + thread;
    if (thread == 0) {
      start_barrier(&shared.barrier, 1);
      publish_barriers();
      arrive_expecting(&shared.barrier, sizeof(shared.weights));
      copy_bytes(shared.weights, p.weights + rank * kColumns * C::kK, sizeof(shared.weights),
                 &shared.barrier);
    }
    float scale[kOwn], shift[kOwn];
#pragma unroll
    for (int i = 0; i < kOwn; ++i) {
      const int c = thread + i * C::kThreads;
      const bool valid = c < C::kK;
      scale[i] = (C::kHasScale && valid ? p.scale[c] : 1.0f) * (1.0f / C::kTokens);
      shift[i] = C::kHasShift && valid ? p.shift[c] : 0.0f;
    }
    const bool writes = thread < kColumns;
    const float bias = C::kHasBias && writes ? p.bias[column] : 0.0f;
    const float result_scale = C::kHasResultScale && writes ? p.result_scale[column] : 1.0f;
    const float result_shift = C::kHasResultShift && writes ? p.result_shift[column] : 0.0f;
    __syncthreads();
    wait_for_previous();
    let_next_start();

    if (thread < 32 * kRowWarps) {
      add_tokens(p.x + batch * C::kTokens * C::kK, rank, shared.warp_sums);
    }
    __syncthreads();
#pragma unroll
    for (int i = 0; i < kOwn; ++i) {
      const int c = thread + i * C::kThreads;
      if (c >= C::kK) break;
      float sum = 0;
#pragma unroll
      for (int w = 0; w < kRowWarps; ++w) sum += shared.warp_sums[w * C::kK + c];
      shared.block_sums[c] = sum;
    }
    cluster_arrive();
    cluster_wait();
#pragma unroll
    for (int i = 0; i < kOwn; ++i) {
      const int c = thread + i * C::kThreads;
      if (c >= C::kK) break;
      float sum = 0;
#pragma unroll
      for (int b = 0; b < C::kBlocks; ++b) {
        sum += load_from_cluster(in_cluster(shared.block_sums + c, b));
      }
      shared.pooled[c] = sum * scale[i] + shift[i];
    }
    cluster_arrive();  // no block leaves while others read its sums
    __syncthreads();
    wait_for(&shared.barrier, 0);
    multiply_columns(shared.weights, shared.pooled, shared.results);
    __syncthreads();
    float result = 0;
    if (writes) result = shared.results[thread] += bias;
    cluster_wait();
    if (C::kNormalizeResult) {
      __syncthreads();
      if (thread < 32) share_moments(shared.results, rank, shared.moments);
      cluster_arrive();
      cluster_wait();
      result = normalized(result, shared.moments) * result_scale + result_shift;
    }
    if (writes) store(out, batch * C::kN + column, result);
  }
};
