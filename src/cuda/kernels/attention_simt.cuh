// plan::Attention without tensor cores: for every device.
//
// A block of 8 by 8 threads has kQueryGroups = 8 groups of kQueriesEach queries of one head, and up
// to 64 channels of their result. It goes over the keys in tiles of 8 * kKeysEach with a running
// maximum, so that rows may have any length; a thread has kQueriesEach by kKeysEach scores of a
// tile and kQueriesEach by kVectors * 4 results. Channels of queries and keys pass through shared
// memory 32 at a time.
//
// All is f32 once read: |error| <= about (head_dim + 8) * 2^-24 * sum |scale q k| of a score, and
// (keys + 8) * 2^-24 * sum |p v| of the mix. A query that sees no key gives zeros.
//
// Config C: types Q, K, V, O, Bias (elements); int kHeads, kKeyHeads, kQueries, kKeys, kHeadDim,
// kValueDim, kQueriesEach, kKeysEach, kBiasBatches; float kScale, kSoftcap; bool kCausal, kHasBias;
// views QView, KView, VView, OView with int kRun (channels that can be moved together),
// kHeadStride, kTokenStride and long long kStart, kBatchStride; BiasView with int kKeyStride and
// long long kBatchStride, kHeadStride, kQueryStride.

// A row of channels for read_piece() and write_piece().
template <class View>
struct ChannelsOf {
  static constexpr bool kOffsets = false;
  static constexpr int kColumnStride = 1;
  static constexpr int kRun = View::kRun;
};

template <class C>
struct AttentionSimt {
  static constexpr int kSide = 8;  // threads along queries and along keys
  static constexpr int kThreads = kSide * kSide;
  static constexpr int kQueryGroup = C::kQueriesEach <= 4 ? 4 : 8;  // stored for a thread
  static constexpr int kKeyGroup = C::kKeysEach <= 4 ? 4 : 8;
  static constexpr int kQueryRows = kSide * kQueryGroup;
  static constexpr int kKeyRows = kSide * kKeyGroup;
  static constexpr int kTileQueries = kSide * C::kQueriesEach;
  static constexpr int kTileKeys = kSide * C::kKeysEach;
  static constexpr int kTiles = (C::kKeys + kTileKeys - 1) / kTileKeys;
  static constexpr int kDepth = 32;  // channels of queries and keys at a time
  static constexpr int kSlice = 64;  // most channels of the result in a block
  static constexpr int kChannels = C::kValueDim < kSlice ? (C::kValueDim + 31) / 32 * 32 : kSlice;
  static constexpr int kVectors = kChannels / 32;
  static constexpr int kWeightStride = kQueryRows + 4;
  static constexpr int kOperands = kDepth * (kQueryRows + kKeyRows);
  static constexpr int kValues = kTileKeys * kChannels;
  static constexpr float kLog2e = 1.4426950408889634f;

  static __device__ __forceinline__ float infinity() { return __int_as_float(0x7F800000); }

  // Channels [channel0, channel0 + kDepth) of the rows of a tile, to [channel][row] with the rows
  // of a thread kGroup apart.
  template <class View, int kEach, int kGroup, int kTotal, class T>
  static __device__ __forceinline__ void load_operand(float* shared, const T* p, int row0,
                                                      int channel0) {
    constexpr int kRows = kSide * kEach;
    for (int i = threadIdx.x; i < kRows * (kDepth / 8); i += kThreads) {
      const int row = i % kRows, channel = i / kRows * 8;
      const int safe = row0 + row < kTotal ? row0 + row : kTotal - 1;
      Piece<T> piece;
      read_piece<ChannelsOf<View>, 8, C::kHeadDim, C::kHeadDim % kDepth != 0>(
          piece, 0, p + safe * View::kTokenStride + channel0 + channel, nullptr,
          channel0 + channel);
      float* to = shared + channel * (kSide * kGroup) + row / kEach * kGroup + row % kEach;
#pragma unroll
      for (int j = 0; j < 8; ++j) to[j * (kSide * kGroup)] = piece.get(j);
    }
  }

  static __device__ __forceinline__ void load_values(float* shared, const typename C::V* p,
                                                     int key0, int channel0) {
    for (int i = threadIdx.x; i < kTileKeys * (kChannels / 8); i += kThreads) {
      const int channel = i % (kChannels / 8) * 8, row = i / (kChannels / 8);
      const int safe = key0 + row < C::kKeys ? key0 + row : C::kKeys - 1;
      Piece<typename C::V> piece;
      read_piece<ChannelsOf<typename C::VView>, 8, C::kValueDim, C::kValueDim % kChannels != 0>(
          piece, 0, p + safe * C::VView::kTokenStride + channel0 + channel, nullptr,
          channel0 + channel);
      float values[8];
#pragma unroll
      for (int j = 0; j < 8; ++j) values[j] = piece.get(j);
      float* to = shared + row * kChannels + channel;
      Piece<float>::template write<4>(to, values);
      Piece<float>::template write<4>(to + 4, values + 4);
    }
  }

  template <int kCount>
  static __device__ __forceinline__ void get(float (&to)[kCount], const float* from) {
#pragma unroll
    for (int i = 0; i < kCount; i += 4) {
      const float4 x = *reinterpret_cast<const float4*>(from + i);
      to[i] = x.x;
      to[i + 1] = x.y;
      to[i + 2] = x.z;
      to[i + 3] = x.w;
    }
  }

  typedef float Scores[C::kQueriesEach][C::kKeysEach];

  static __device__ __forceinline__ void find_scores(Scores& scores, float* shared,
                                                     const typename C::Q* q, const typename C::K* k,
                                                     int query0, int key0) {
    float* q_shared = shared;
    float* k_shared = shared + kDepth * kQueryRows;
#pragma unroll
    for (int i = 0; i < C::kQueriesEach; ++i) {
#pragma unroll
      for (int j = 0; j < C::kKeysEach; ++j) scores[i][j] = 0.0f;
    }
    for (int channel0 = 0; channel0 < C::kHeadDim; channel0 += kDepth) {
      __syncthreads();
      load_operand<typename C::QView, C::kQueriesEach, kQueryGroup, C::kQueries>(q_shared, q,
                                                                                 query0, channel0);
      load_operand<typename C::KView, C::kKeysEach, kKeyGroup, C::kKeys>(k_shared, k, key0,
                                                                         channel0);
      __syncthreads();
#pragma unroll 8
      for (int channel = 0; channel < kDepth; ++channel) {
        float x[kQueryGroup], y[kKeyGroup];
        get(x, q_shared + channel * kQueryRows + threadIdx.x / kSide * kQueryGroup);
        get(y, k_shared + channel * kKeyRows + threadIdx.x % kSide * kKeyGroup);
#pragma unroll
        for (int i = 0; i < C::kQueriesEach; ++i) {
#pragma unroll
          for (int j = 0; j < C::kKeysEach; ++j) scores[i][j] = fmaf(x[i], y[j], scores[i][j]);
        }
      }
    }
  }

  // Scores as they go into the softmax, in units of log2(e); those of keys that do not count are
  // -infinity.
  static __device__ __forceinline__ void finish_scores(Scores& scores, const typename C::Bias* bias,
                                                       int query0, int key0) {
#pragma unroll
    for (int i = 0; i < C::kQueriesEach; ++i) {
      const int query = query0 + threadIdx.x / kSide * C::kQueriesEach + i;
      const int safe_query = query < C::kQueries ? query : C::kQueries - 1;
#pragma unroll
      for (int j = 0; j < C::kKeysEach; ++j) {
        const int key = key0 + threadIdx.x % kSide * C::kKeysEach + j;
        const int safe_key = key < C::kKeys ? key : C::kKeys - 1;
        float x = scores[i][j] * C::kScale;
        if (C::kSoftcap > 0.0f) x = C::kSoftcap * tanhf(x * (1.0f / C::kSoftcap));
        if (C::kHasBias) {
          x += load(bias,
                    safe_query * C::BiasView::kQueryStride + safe_key * C::BiasView::kKeyStride);
        }
        const bool counts = key < C::kKeys && (!C::kCausal || key <= query);
        scores[i][j] = counts ? x * kLog2e : -infinity();
      }
    }
  }

  static __device__ __forceinline__ void run(const typename C::Q* q, const typename C::K* k,
                                             const typename C::V* v, const typename C::Bias* bias,
                                             typename C::O* out) {
    __shared__ __align__(16) float operands[kOperands > kValues ? kOperands : kValues];
    __shared__ __align__(16) float weights[kTileKeys * kWeightStride];
    constexpr int kQueryTiles = (C::kQueries + kTileQueries - 1) / kTileQueries;
    constexpr int kSlices = (C::kValueDim + kChannels - 1) / kChannels;
    const int query0 = blockIdx.x % kQueryTiles * kTileQueries;
    const int channel0 = blockIdx.x / kQueryTiles % kSlices * kChannels;
    const int head = blockIdx.x / (kQueryTiles * kSlices) % C::kHeads;
    const int batch = blockIdx.x / (kQueryTiles * kSlices * C::kHeads);
    const int key_head = head / (C::kHeads / C::kKeyHeads);
    const int thread_row = threadIdx.x / kSide, thread_column = threadIdx.x % kSide;
    q += C::QView::kStart + batch * C::QView::kBatchStride + head * C::QView::kHeadStride;
    k += C::KView::kStart + batch * C::KView::kBatchStride + key_head * C::KView::kHeadStride;
    v += C::VView::kStart + batch * C::VView::kBatchStride + key_head * C::VView::kHeadStride;
    if (C::kHasBias) {
      bias += batch % C::kBiasBatches * C::BiasView::kBatchStride + head * C::BiasView::kHeadStride;
    }
    wait_for_previous();

    float result[C::kQueriesEach][kVectors * 4], most[C::kQueriesEach], total[C::kQueriesEach];
#pragma unroll
    for (int i = 0; i < C::kQueriesEach; ++i) {
      most[i] = -infinity();
      total[i] = 0.0f;
#pragma unroll
      for (int c = 0; c < kVectors * 4; ++c) result[i][c] = 0.0f;
    }
    const int tiles =
        C::kCausal ? min(kTiles, (query0 + kTileQueries - 1) / kTileKeys + 1) : kTiles;
#pragma unroll 1
    for (int tile = 0; tile < tiles; ++tile) {
      const int key0 = tile * kTileKeys;
      Scores scores;
      find_scores(scores, operands, q, k, query0, key0);
      finish_scores(scores, bias, query0, key0);
#pragma unroll
      for (int i = 0; i < C::kQueriesEach; ++i) {
        float now = most[i];
#pragma unroll
        for (int j = 0; j < C::kKeysEach; ++j) now = fmaxf(now, scores[i][j]);
#pragma unroll
        for (int mask = kSide / 2; mask > 0; mask /= 2) now = fmaxf(now, shuffle_xor(now, mask));
        const float base = now == -infinity() ? 0.0f : now;
        const float keep = exp2f(most[i] - base);
        most[i] = now;
        total[i] *= keep;
#pragma unroll
        for (int c = 0; c < kVectors * 4; ++c) result[i][c] *= keep;
#pragma unroll
        for (int j = 0; j < C::kKeysEach; ++j) {
          const float weight = exp2f(scores[i][j] - base);
          total[i] += weight;
          weights[(thread_column * C::kKeysEach + j) * kWeightStride + thread_row * kQueryGroup +
                  i] = weight;
        }
      }
      __syncthreads();
      load_values(operands, v, key0, channel0);
      __syncthreads();
#pragma unroll 4
      for (int key = 0; key < kTileKeys; ++key) {
        float x[kQueryGroup];
        get(x, weights + key * kWeightStride + thread_row * kQueryGroup);
#pragma unroll
        for (int c = 0; c < kVectors; ++c) {
          float y[4];
          get(y, operands + key * kChannels + (c * kSide + thread_column) * 4);
#pragma unroll
          for (int i = 0; i < C::kQueriesEach; ++i) {
#pragma unroll
            for (int e = 0; e < 4; ++e)
              result[i][c * 4 + e] = fmaf(x[i], y[e], result[i][c * 4 + e]);
          }
        }
      }
    }
    let_next_start();
    out += C::OView::kStart + batch * C::OView::kBatchStride + head * C::OView::kHeadStride;
#pragma unroll
    for (int i = 0; i < C::kQueriesEach; ++i) {
#pragma unroll
      for (int mask = kSide / 2; mask > 0; mask /= 2) total[i] += shuffle_xor(total[i], mask);
      const int query = query0 + thread_row * C::kQueriesEach + i;
      if (query >= C::kQueries) continue;
      const float share = total[i] > 0.0f ? 1.0f / total[i] : 0.0f;
#pragma unroll
      for (int c = 0; c < kVectors; ++c) {
        float values[4];
#pragma unroll
        for (int e = 0; e < 4; ++e) values[e] = result[i][c * 4 + e] * share;
        const int channel = channel0 + (c * kSide + thread_column) * 4;
        write_piece<ChannelsOf<typename C::OView>, 4, C::kValueDim, C::kValueDim % kChannels != 0>(
            out + query * C::OView::kTokenStride + channel, nullptr, channel, values);
      }
    }
  }
};
