// plan::Attention on tensor cores: f16 storage, scores and softmax in f32, all keys of a head in
// shared memory.
//
// A block has kQueryWarps * 16 queries of one head. Its warps stand in kQueryWarps rows and kKeyWarps
// columns; each column has kKeysEach of the keys, in pieces of kPiece with a running maximum, and the
// columns are added at the end. The scores are of whole pieces, so nothing but keys, values and the
// result crosses shared memory.
//
// Config C: int kHeads, kKeyHeads, kQueries, kKeys, kHeadDim, kValueDim, kQueryWarps, kKeyWarps,
// kKeysEach, kPiece, kBiasBatches; float kScale, kSoftcap; bool kCausal, kHasBias, kBiasConstant, kVectors (rows can
// be copied in pieces of 16 bytes), kOutPanel; views
// Q, K, V, O with int kStart, kBatchStride, kHeadStride, kTokenStride; BiasView with int kBatchStride,
// kHeadStride, kQueryStride, kKeyStride; type BiasElement.

template <class C>
struct AttentionMma {
  static constexpr int kWarps = C::kQueryWarps * C::kKeyWarps;
  static constexpr int kThreads = 32 * kWarps;
  static constexpr int kQueriesEach = C::kQueryWarps * 16;
  static constexpr int kKeysPadded = C::kKeyWarps * C::kKeysEach;
  static constexpr int kDim = (C::kHeadDim + 15) / 16 * 16;
  static constexpr int kOut = (C::kValueDim + 15) / 16 * 16;
  static constexpr int kQStride = kDim + 8;
  static constexpr int kVStride = kOut + 8;
  static constexpr int kPieces = C::kKeysEach / C::kPiece;
  static constexpr int kBlocks = C::kPiece / 8;  // of keys in a piece
  static constexpr int kOutBlocks = kOut / 8;
  static constexpr int kSumStride = kOut + 4;
  static constexpr int kPieceStride = C::kOutPanel ? 64 * 8 : 8;  // plan::kPanelRows
  static constexpr float kLog2e = 1.4426950408889634f;
  static constexpr float kLowest = -1e30f;
  static_assert(C::kKeysEach % C::kPiece == 0 && C::kPiece % 16 == 0, "whole pieces");

  template <int kRows, int kTotal, int kChannels, int kPadded, int kTokenStride>
  static __device__ __forceinline__ void load_rows(f16* shared, const f16* p, int row0) {
    constexpr int kEach = kPadded / 8;
    for (int i = threadIdx.x; i < kRows * kEach; i += kThreads) {
      const int row = i / kEach, channel = i % kEach * 8;
      const bool valid = row0 + row < kTotal && channel < kChannels;
      f16* target = shared + row * (kPadded + 8) + channel;
      const f16* source = p + (valid ? (row0 + row) * kTokenStride + channel : 0);
      if (C::kVectors) {
        copy16(target, source, valid);
      } else {
#pragma unroll
        for (int j = 0; j < 8; ++j) target[j] = valid && channel + j < kChannels ? source[j] : f16{0};
      }
    }
  }

  static __device__ __forceinline__ float bias_of(const typename C::BiasElement* bias, int query, int key) {
    return load(bias, query * C::BiasView::kQueryStride + key * C::BiasView::kKeyStride);
  }

  static __device__ __forceinline__ void run(const f16* q, const f16* k, const f16* v,
                                             const typename C::BiasElement* bias, const int* out_bases, f16* out,
                                             f16* shared) {
    const int head = blockIdx.y, batch = blockIdx.z;
    const int query0 = blockIdx.x * kQueriesEach;
    const int key_head = head / (C::kHeads / C::kKeyHeads);
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const int query_warp = warp % C::kQueryWarps, key_warp = warp / C::kQueryWarps;
    f16* q_shared = shared;
    f16* k_shared = q_shared + kQueriesEach * kQStride;
    f16* v_shared = k_shared + kKeysPadded * kQStride;
    const int row = query0 + query_warp * 16 + lane / 4;  // and row + 8
    const int safe_row = row < C::kQueries ? row : C::kQueries - 1;
    const int safe_row8 = row + 8 < C::kQueries ? row + 8 : C::kQueries - 1;
    if (C::kHasBias) {
      bias += batch % C::kBiasBatches * C::BiasView::kBatchStride + head * C::BiasView::kHeadStride;
    }
    // Constants do not wait for the step before.
    constexpr bool kEarly = C::kHasBias && C::kBiasConstant && kPieces == 1;
    float early[kEarly ? kBlocks : 1][4];
    if (kEarly) {
#pragma unroll
      for (int n = 0; n < kBlocks; ++n) load_bias(early[kEarly ? n : 0], bias, safe_row, safe_row8, key_warp * C::kKeysEach + n * 8 + lane % 4 * 2);
    }
    wait_for_previous();
    load_rows<kQueriesEach, C::kQueries, C::kHeadDim, kDim, C::Q::kTokenStride>(
        q_shared, q + C::Q::kStart + batch * C::Q::kBatchStride + head * C::Q::kHeadStride, query0);
    load_rows<kKeysPadded, C::kKeys, C::kHeadDim, kDim, C::K::kTokenStride>(
        k_shared, k + C::K::kStart + batch * C::K::kBatchStride + key_head * C::K::kHeadStride, 0);
    end_copy_group();
    load_rows<kKeysPadded, C::kKeys, C::kValueDim, kOut, C::V::kTokenStride>(
        v_shared, v + C::V::kStart + batch * C::V::kBatchStride + key_head * C::V::kHeadStride, 0);
    end_copy_group();
    let_next_start();
    wait_for_copies<1>();
    __syncthreads();

    unsigned q_part[kDim / 16][4];
    const f16* q_row = q_shared + (query_warp * 16 + lane % 16) * kQStride + lane / 16 * 8;
#pragma unroll
    for (int d = 0; d < kDim / 16; ++d) load_matrices(q_part[d], q_row + d * 16);

    float result[kOutBlocks][4];
#pragma unroll
    for (int n = 0; n < kOutBlocks; ++n) result[n][0] = result[n][1] = result[n][2] = result[n][3] = 0;
    float most[2] = {kLowest, kLowest}, total[2] = {0, 0};
    bool values_there = false;
#pragma unroll
    for (int piece = 0; piece < kPieces; ++piece) {
      const int key0 = key_warp * C::kKeysEach + piece * C::kPiece;
      float scores[kBlocks][4];
#pragma unroll
      for (int n = 0; n < kBlocks; ++n) scores[n][0] = scores[n][1] = scores[n][2] = scores[n][3] = 0;
      const f16* k_row = k_shared + (key0 + lane % 8 + lane / 16 * 8) * kQStride + lane / 8 % 2 * 8;
#pragma unroll
      for (int d = 0; d < kDim / 16; ++d) {
#pragma unroll
        for (int n = 0; n < kBlocks; n += 2) {
          unsigned k_part[4];
          load_matrices(k_part, k_row + n * 8 * kQStride + d * 16);
          multiply_add(scores[n], q_part[d], k_part[0], k_part[1]);
          multiply_add(scores[n + 1], q_part[d], k_part[2], k_part[3]);
        }
      }
      float now[2] = {most[0], most[1]};
#pragma unroll
      for (int n = 0; n < kBlocks; ++n) {
        const int key = key0 + n * 8 + lane % 4 * 2;
        float add[4] = {0, 0, 0, 0};
        if (C::kHasBias) {
          if (kEarly) {
#pragma unroll
            for (int i = 0; i < 4; ++i) add[i] = early[kEarly ? n : 0][i];
          } else {
            load_bias(add, bias, safe_row, safe_row8, key);
          }
        }
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          float x = scores[n][i] * C::kScale;
          if (C::kSoftcap > 0) x = C::kSoftcap * tanhf(x / C::kSoftcap);
          x += add[i];
          const int at = key + i % 2;
          if (at >= C::kKeys || (C::kCausal && at > row + i / 2 * 8)) x = kLowest;
          scores[n][i] = x;
          now[i / 2] = fmaxf(now[i / 2], x);
        }
      }
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        now[h] = fmaxf(now[h], shuffle_xor(now[h], 1));
        now[h] = fmaxf(now[h], shuffle_xor(now[h], 2));
        const float keep = exp2f((most[h] - now[h]) * kLog2e);
        most[h] = now[h];
        total[h] *= keep;
#pragma unroll
        for (int n = 0; n < kOutBlocks; ++n) {
          result[n][2 * h] *= keep;
          result[n][2 * h + 1] *= keep;
        }
      }
#pragma unroll
      for (int n = 0; n < kBlocks; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          const float x = scores[n][i];
          scores[n][i] = x <= 0.5f * kLowest ? 0.0f : exp2f((x - most[i / 2]) * kLog2e);
          total[i / 2] += scores[n][i];
        }
      }
      if (!values_there) {
        wait_for_copies<0>();
        __syncthreads();
        values_there = true;
      }
      const f16* v_row = v_shared + (key0 + lane % 8 + lane / 8 % 2 * 8) * kVStride + lane / 16 * 8;
#pragma unroll
      for (int n = 0; n < kBlocks; n += 2) {
        const unsigned weights[4] = {pack_half2(scores[n][0], scores[n][1]), pack_half2(scores[n][2], scores[n][3]),
                                     pack_half2(scores[n + 1][0], scores[n + 1][1]),
                                     pack_half2(scores[n + 1][2], scores[n + 1][3])};
#pragma unroll
        for (int o = 0; o < kOutBlocks; o += 2) {
          unsigned v_part[4];
          load_matrices_transposed(v_part, v_row + n * 8 * kVStride + o * 8);
          multiply_add(result[o], weights, v_part[0], v_part[1]);
          multiply_add(result[o + 1], weights, v_part[2], v_part[3]);
        }
      }
    }
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      total[h] += shuffle_xor(total[h], 1);
      total[h] += shuffle_xor(total[h], 2);
    }
    if (C::kKeyWarps > 1) {
      combine(result, most, total, reinterpret_cast<float*>(shared), query_warp, key_warp);
      if (key_warp > 0) return;
    }
    const float share[2] = {total[0] > 0 ? 1.0f / total[0] : 0.0f, total[1] > 0 ? 1.0f / total[1] : 0.0f};
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      const int query = row + 8 * h;
      if (query >= C::kQueries) continue;
      // In panels, pieces of 8 columns lie apart; else they follow each other.
      f16* at = out;
      if (C::kOutPanel) {
        at += out_bases[batch * C::kQueries + query] + head * (C::kValueDim / 8) * kPieceStride;
      } else {
        at += C::O::kStart + batch * C::O::kBatchStride + head * C::O::kHeadStride + query * C::O::kTokenStride;
      }
      at += lane % 4 * 2;
#pragma unroll
      for (int n = 0; n < kOutBlocks; ++n) {
        const int channel = n * 8 + lane % 4 * 2;
        const float x = result[n][2 * h] * share[h], y = result[n][2 * h + 1] * share[h];
        if (C::kVectors && C::kValueDim % 8 == 0) {
          if (n * 8 < C::kValueDim) *reinterpret_cast<unsigned*>(at + n * kPieceStride) = pack_half2(x, y);
        } else {
          if (channel < C::kValueDim) store(at, n * kPieceStride, x);
          if (channel + 1 < C::kValueDim) store(at, n * kPieceStride + 1, y);
        }
      }
    }
  }

  static __device__ __forceinline__ void load_bias(float (&to)[4], const typename C::BiasElement* bias, int row,
                                                   int row8, int key) {
    const int first = key < C::kKeys ? key : C::kKeys - 1;
    const int second = key + 1 < C::kKeys ? key + 1 : C::kKeys - 1;
    to[0] = bias_of(bias, row, first);
    to[1] = bias_of(bias, row, second);
    to[2] = bias_of(bias, row8, first);
    to[3] = bias_of(bias, row8, second);
  }

  // The columns of warps each have the softmax of their own keys; the first column adds the others'.
  static __device__ __forceinline__ void combine(float (&result)[kOutBlocks][4], float (&most)[2],
                                                 float (&total)[2], float* shared, int query_warp, int key_warp) {
    constexpr int kEach = kOutBlocks * 4 + 4;  // floats of a lane
    const int lane = threadIdx.x % 32;
    __syncthreads();  // keys and values are done with
    float* mine = shared + ((key_warp - 1) * C::kQueryWarps + query_warp) * 32 * kEach + lane;
    if (key_warp > 0) {
#pragma unroll
      for (int n = 0; n < kOutBlocks; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) mine[(n * 4 + i) * 32] = result[n][i];
      }
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        mine[(kOutBlocks * 4 + h) * 32] = most[h];
        mine[(kOutBlocks * 4 + 2 + h) * 32] = total[h];
      }
    }
    __syncthreads();
    if (key_warp > 0) return;
    for (int other = 1; other < C::kKeyWarps; ++other) {
      const float* theirs = shared + ((other - 1) * C::kQueryWarps + query_warp) * 32 * kEach + lane;
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        const float their_most = theirs[(kOutBlocks * 4 + h) * 32];
        const float both = fmaxf(most[h], their_most);
        const float mine_scale = exp2f((most[h] - both) * kLog2e);
        const float their_scale = exp2f((their_most - both) * kLog2e);
        most[h] = both;
        total[h] = total[h] * mine_scale + theirs[(kOutBlocks * 4 + 2 + h) * 32] * their_scale;
#pragma unroll
        for (int n = 0; n < kOutBlocks; ++n) {
#pragma unroll
          for (int i = 0; i < 2; ++i) {
            result[n][2 * h + i] =
                result[n][2 * h + i] * mine_scale + theirs[(n * 4 + 2 * h + i) * 32] * their_scale;
          }
        }
      }
    }
  }
};
