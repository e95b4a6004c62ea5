// plan::Attention on tensor cores: f16 storage, scores and softmax in f32, all keys of a head in
// shared memory.
//
// q, k and v may lie in panels of kPanelRows rows of kPanelColumns (plan::Attention::panel_rows):
// then queries come as registers, and keys and values as one copy for each panel.
//
// A block has kQueryWarps * 16 queries of one head. Its warps stand in kQueryWarps rows and
// kKeyWarps columns; each column has kKeysEach of the keys, in pieces of kPiece with a running
// maximum, and the columns are added at the end. The scores are of whole pieces, so nothing but
// keys, values and the result crosses shared memory.
//
// Config C: int kHeads, kKeyHeads, kQueries, kKeys, kHeadDim, kValueDim, kQueryWarps, kKeyWarps,
// kKeysEach, kPiece, kBiasBatches; float kScale, kSoftcap; bool kCausal, kHasBias, kBiasConstant,
// kVectors (rows can be copied in pieces of 16 bytes); int kOutPanelRows, kPanelRows, kPanelColumns
// (0: no panels); views Q, K, V, O with int kStart, kBatchStride, kHeadStride, kTokenStride;
// BiasView with int kBatchStride, kHeadStride, kQueryStride, kKeyStride; type BiasElement.

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
  static constexpr int kOwnBlocks = (kOutBlocks + C::kKeyWarps - 1) / C::kKeyWarps;
  static constexpr int kSumStride = kOut + 4;
  static constexpr int kPieceStride = C::kOutPanelRows > 0 ? C::kOutPanelRows * 8 : 8;
  static constexpr bool kPanels = C::kPanelRows > 0;
  static constexpr int kRows = kPanels ? C::kPanelRows : 1;
  static constexpr int kKeyPanels = (C::kKeys + kRows - 1) / kRows;
  static constexpr float kLog2e = 1.4426950408889634f;
  static constexpr float kLowest = -1e30f;
  static_assert(C::kKeysEach % C::kPiece == 0 && C::kPiece % 16 == 0, "whole pieces");
  static_assert(!kPanels || (kDim == C::kHeadDim && kOut == C::kValueDim &&
                             kKeysPadded <= kKeyPanels * kRows),
                "whole panels");

  // Halves of shared memory up to a piece of 8 channels of a key and of a value.
  static constexpr int kKeyHalves = kPanels ? kKeyPanels * kRows * kDim : kKeysPadded * kQStride;
  static __device__ __forceinline__ int key_at(int row, int piece) {
    return kPanels ? row / kRows * (kRows * kDim) + piece * (kRows * 8) + row % kRows * 8
                   : row * kQStride + piece * 8;
  }
  static __device__ __forceinline__ int value_at(int row, int piece) {
    return kPanels ? row / kRows * (kRows * kOut) + piece * (kRows * 8) + row % kRows * 8
                   : row * kVStride + piece * 8;
  }

  static __device__ __forceinline__ void start_barriers(Barrier* barriers) {
    if (threadIdx.x == 0) {
      start_barrier(barriers, 1);
      start_barrier(barriers + 1, 1);
      publish_barriers();
    }
    __syncthreads();
  }
  // The panels of one operand's head, reported to the barrier.
  template <int kChannels>
  static __device__ __forceinline__ void load_panels(f16* shared, const f16* p, Barrier* barrier) {
    arrive_expecting(barrier, kKeyPanels * kRows * kChannels * 2);
    for (int panel = 0; panel < kKeyPanels; ++panel) {
      copy_bytes(shared + panel * kRows * kChannels, p + panel * kRows * C::kPanelColumns,
                 kRows * kChannels * 2, barrier);
    }
  }
  // Where a head's columns start in the panels of a batch.
  template <class View>
  static __device__ __forceinline__ const f16* panels_of(const f16* p, int tokens, int batch,
                                                         int head) {
    const int rows = (tokens + kRows - 1) / kRows * kRows;
    return p + batch * rows * C::kPanelColumns + (View::kStart + head * View::kHeadStride) * kRows;
  }
  // What load_matrices() would give for 16 queries in panels.
  static __device__ __forceinline__ void load_queries(unsigned (&q_part)[kDim / 16][4],
                                                      const f16* panels, int row, int row8) {
    const int column = threadIdx.x % 4 * 2;
    const f16* at = panels + row / kRows * (kRows * C::kPanelColumns) + row % kRows * 8 + column;
    const f16* at8 = panels + row8 / kRows * (kRows * C::kPanelColumns) + row8 % kRows * 8 + column;
#pragma unroll
    for (int d = 0; d < kDim / 16; ++d) {
      q_part[d][0] = *reinterpret_cast<const unsigned*>(at + d * 2 * kRows * 8);
      q_part[d][1] = *reinterpret_cast<const unsigned*>(at8 + d * 2 * kRows * 8);
      q_part[d][2] = *reinterpret_cast<const unsigned*>(at + (d * 2 + 1) * kRows * 8);
      q_part[d][3] = *reinterpret_cast<const unsigned*>(at8 + (d * 2 + 1) * kRows * 8);
    }
  }
  // Values that no key has would be multiplied by 0, which is not enough for NaN.
  static __device__ __forceinline__ void clear_values(f16* v_shared) {
    constexpr int kPieces8 = kOut / 8;
    for (int i = threadIdx.x; i < (kKeysPadded - C::kKeys) * kPieces8; i += kThreads) {
      *reinterpret_cast<uint4*>(v_shared + value_at(C::kKeys + i / kPieces8, i % kPieces8)) =
          make_uint4(0, 0, 0, 0);
    }
  }

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
        for (int j = 0; j < 8; ++j)
          target[j] = valid && channel + j < kChannels ? source[j] : f16{0};
      }
    }
  }

  static __device__ __forceinline__ float bias_of(const typename C::BiasElement* bias, int query,
                                                  int key) {
    return load(bias, query * C::BiasView::kQueryStride + key * C::BiasView::kKeyStride);
  }

  // Of a bias that does not wait for the step before: what this thread adds to its scores.
  static constexpr bool kEarly = C::kHasBias && C::kBiasConstant && kPieces == 1;
  struct BiasAhead {
    float values[kEarly ? kBlocks : 1][4];
    __device__ __forceinline__ void load(const typename C::BiasElement* bias, int row, int row8,
                                         int key_warp) {
      if (!kEarly) return;
#pragma unroll
      for (int n = 0; n < kBlocks; ++n) {
        load_bias(values[kEarly ? n : 0], bias, row, row8,
                  key_warp * C::kKeysEach + n * 8 + threadIdx.x % 4 * 2);
      }
    }
  };

  static __device__ __forceinline__ void run(const f16* q, const f16* k, const f16* v,
                                             const typename C::BiasElement* bias,
                                             const int* out_bases, f16* out, f16* shared) {
    const int head = blockIdx.y, batch = blockIdx.z;
    const int query0 = blockIdx.x * kQueriesEach;
    const int key_head = head / (C::kHeads / C::kKeyHeads);
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const int query_warp = warp % C::kQueryWarps, key_warp = warp / C::kQueryWarps;
    f16* q_shared = shared;
    f16* k_shared = kPanels ? shared : q_shared + kQueriesEach * kQStride;
    f16* v_shared = k_shared + kKeyHalves;
    Barrier* barriers =
        reinterpret_cast<Barrier*>(v_shared + kKeyPanels * kRows * kOut);  // with panels
    const int row = query0 + query_warp * 16 + lane / 4;                   // and row + 8
    const int safe_row = row < C::kQueries ? row : C::kQueries - 1;
    const int safe_row8 = row + 8 < C::kQueries ? row + 8 : C::kQueries - 1;
    if (C::kHasBias) {
      bias += batch % C::kBiasBatches * C::BiasView::kBatchStride + head * C::BiasView::kHeadStride;
    }
    BiasAhead ahead;
    ahead.load(bias, safe_row, safe_row8, key_warp);
    unsigned q_part[kDim / 16][4];
    if (kPanels) {
      start_barriers(barriers);
      wait_for_previous();
      if (threadIdx.x == 0) {
        load_panels<kDim>(k_shared, panels_of<typename C::K>(k, C::kKeys, batch, key_head),
                          barriers);
        load_panels<kOut>(v_shared, panels_of<typename C::V>(v, C::kKeys, batch, key_head),
                          barriers + 1);
      }
      load_queries(q_part, panels_of<typename C::Q>(q, C::kQueries, batch, head), safe_row,
                   safe_row8);
      let_next_start();
      wait_for(barriers, 0);
    } else {
      wait_for_previous();
      load_rows<kQueriesEach, C::kQueries, C::kHeadDim, kDim, C::Q::kTokenStride>(
          q_shared, q + C::Q::kStart + batch * C::Q::kBatchStride + head * C::Q::kHeadStride,
          query0);
      load_rows<kKeysPadded, C::kKeys, C::kHeadDim, kDim, C::K::kTokenStride>(
          k_shared, k + C::K::kStart + batch * C::K::kBatchStride + key_head * C::K::kHeadStride,
          0);
      end_copy_group();
      load_rows<kKeysPadded, C::kKeys, C::kValueDim, kOut, C::V::kTokenStride>(
          v_shared, v + C::V::kStart + batch * C::V::kBatchStride + key_head * C::V::kHeadStride,
          0);
      end_copy_group();
      let_next_start();
      wait_for_copies<1>();
      __syncthreads();
      const f16* q_row = q_shared + (query_warp * 16 + lane % 16) * kQStride + lane / 16 * 8;
#pragma unroll
      for (int d = 0; d < kDim / 16; ++d) load_matrices(q_part[d], q_row + d * 16);
    }

    attend(q_part, k_shared, v_shared, bias, ahead, head, batch, query0, out_bases, out, shared,
           [&] {
             if (kPanels) {
               wait_for(barriers + 1, 0);
               clear_values(v_shared);
             } else {
               wait_for_copies<0>();
             }
           });
  }

  // From queries in registers and keys in shared memory; wait_for_values() returns when this
  // thread's part of the values is there. `shared` is where the parts of several key warps may lie
  // in the end.
  template <class WaitForValues>
  static __device__ __forceinline__ void attend(const unsigned (&q_part)[kDim / 16][4],
                                                const f16* k_shared, const f16* v_shared,
                                                const typename C::BiasElement* bias,
                                                const BiasAhead& ahead, int head, int batch,
                                                int query0, const int* out_bases, f16* out,
                                                f16* shared, const WaitForValues& wait_for_values) {
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const int query_warp = warp % C::kQueryWarps, key_warp = warp / C::kQueryWarps;
    const int row = query0 + query_warp * 16 + lane / 4;  // and row + 8
    const int safe_row = row < C::kQueries ? row : C::kQueries - 1;
    const int safe_row8 = row + 8 < C::kQueries ? row + 8 : C::kQueries - 1;
    int out_start[2] = {0, 0};
    if (C::kOutPanelRows > 0) {
      out_start[0] = out_bases[batch * C::kQueries + safe_row];
      out_start[1] = out_bases[batch * C::kQueries + safe_row8];
    }
    float result[kOutBlocks][4];
#pragma unroll
    for (int n = 0; n < kOutBlocks; ++n)
      result[n][0] = result[n][1] = result[n][2] = result[n][3] = 0;
    float most[2] = {kLowest, kLowest}, total[2] = {0, 0};
    bool values_there = false;
#pragma unroll
    for (int piece = 0; piece < kPieces; ++piece) {
      const int key0 = key_warp * C::kKeysEach + piece * C::kPiece;
      float scores[kBlocks][4];
#pragma unroll
      for (int n = 0; n < kBlocks; ++n)
        scores[n][0] = scores[n][1] = scores[n][2] = scores[n][3] = 0;
      const int k_row = key0 + lane % 8 + lane / 16 * 8;
#pragma unroll
      for (int d = 0; d < kDim / 16; ++d) {
#pragma unroll
        for (int n = 0; n < kBlocks; n += 2) {
          unsigned k_part[4];
          load_matrices(k_part, k_shared + key_at(k_row + n * 8, d * 2 + lane / 8 % 2));
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
            for (int i = 0; i < 4; ++i) add[i] = ahead.values[kEarly ? n : 0][i];
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
        wait_for_values();
        __syncthreads();
        values_there = true;
      }
      const int v_row = key0 + lane % 8 + lane / 8 % 2 * 8;
#pragma unroll
      for (int n = 0; n < kBlocks; n += 2) {
        const unsigned weights[4] = {pack_half2(scores[n][0], scores[n][1]),
                                     pack_half2(scores[n][2], scores[n][3]),
                                     pack_half2(scores[n + 1][0], scores[n + 1][1]),
                                     pack_half2(scores[n + 1][2], scores[n + 1][3])};
#pragma unroll
        for (int o = 0; o < kOutBlocks; o += 2) {
          unsigned v_part[4];
          load_matrices_transposed(v_part, v_shared + value_at(v_row + n * 8, o + lane / 16));
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
    float own[kOwnBlocks][4];
    if (C::kKeyWarps > 1) {
      combine(own, result, most, total, reinterpret_cast<float*>(shared), query_warp, key_warp);
    } else {
#pragma unroll
      for (int n = 0; n < kOwnBlocks; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) own[n][i] = result[n][i];
      }
    }
    const float share[2] = {total[0] > 0 ? 1.0f / total[0] : 0.0f,
                            total[1] > 0 ? 1.0f / total[1] : 0.0f};
    const int first = C::kKeyWarps > 1 ? key_warp * kOwnBlocks : 0;
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      const int query = row + 8 * h;
      if (query >= C::kQueries) continue;
      // In panels, pieces of 8 columns lie apart; else they follow each other.
      f16* at = out;
      if (C::kOutPanelRows > 0) {
        at += out_start[h] + head * (C::kValueDim / 8) * kPieceStride;
      } else {
        at += C::O::kStart + batch * C::O::kBatchStride + head * C::O::kHeadStride +
              query * C::O::kTokenStride;
      }
      at += lane % 4 * 2;
#pragma unroll
      for (int n = 0; n < kOwnBlocks; ++n) {
        const int block = first + n, channel = block * 8 + lane % 4 * 2;
        const float x = own[n][2 * h] * share[h], y = own[n][2 * h + 1] * share[h];
        if (C::kVectors && C::kValueDim % 8 == 0) {
          if (block * 8 < C::kValueDim)
            *reinterpret_cast<unsigned*>(at + block * kPieceStride) = pack_half2(x, y);
        } else {
          if (channel < C::kValueDim) store(at, block * kPieceStride, x);
          if (channel + 1 < C::kValueDim) store(at, block * kPieceStride + 1, y);
        }
      }
    }
  }

  static __device__ __forceinline__ void load_bias(float (&to)[4],
                                                   const typename C::BiasElement* bias, int row,
                                                   int row8, int key) {
    const int first = key < C::kKeys ? key : C::kKeys - 1;
    const int second = key + 1 < C::kKeys ? key + 1 : C::kKeys - 1;
    to[0] = bias_of(bias, row, first);
    to[1] = bias_of(bias, row, second);
    to[2] = bias_of(bias, row8, first);
    to[3] = bias_of(bias, row8, second);
  }

  // The columns of warps each have the softmax of their own keys; each column adds up kOwnBlocks of
  // the result's blocks, and all totals.
  static __device__ __forceinline__ void combine(float (&own)[kOwnBlocks][4],
                                                 const float (&result)[kOutBlocks][4],
                                                 const float (&most)[2], float (&total)[2],
                                                 float* shared, int query_warp, int key_warp) {
    constexpr int kEach = kOutBlocks * 4 + 4;  // floats of a lane
    const int lane = threadIdx.x % 32;
    const auto of_warp = [&](int column) {
      return shared + (column * C::kQueryWarps + query_warp) * 32 * kEach + lane;
    };
    __syncthreads();  // keys and values are done with
    float* mine = of_warp(key_warp);
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
    __syncthreads();
    float scales[C::kKeyWarps][2];
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      float all = kLowest;
#pragma unroll
      for (int w = 0; w < C::kKeyWarps; ++w)
        all = fmaxf(all, of_warp(w)[(kOutBlocks * 4 + h) * 32]);
      total[h] = 0;
#pragma unroll
      for (int w = 0; w < C::kKeyWarps; ++w) {
        scales[w][h] = exp2f((of_warp(w)[(kOutBlocks * 4 + h) * 32] - all) * kLog2e);
        total[h] += of_warp(w)[(kOutBlocks * 4 + 2 + h) * 32] * scales[w][h];
      }
    }
#pragma unroll
    for (int n = 0; n < kOwnBlocks; ++n) {
      const int block = key_warp * kOwnBlocks + n;
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        own[n][i] = 0;
#pragma unroll
        for (int w = 0; w < C::kKeyWarps; ++w) {
          if (block < kOutBlocks) own[n][i] += of_warp(w)[(block * 4 + i) * 32] * scales[w][i / 2];
        }
      }
    }
  }
};
