// From the sums of a tile to the result: what the kernels of plan::Gemm have in common.

struct GemmPointers {
  const int* a_bases;
  const int* a_offsets;
  const int* b_bases;
  const int* b_offsets;
  const float* bias;
  const float* column_sums;
  const float* column_scales;
  const int* residual_bases;
  const int* residual_offsets;
  const int* out_bases;
  const int* out_offsets;
  const float* row_parts_in;
  const int* row_part_bases;
  float* row_parts_out;
};

// kThreads threads finish a tile whose sums lie in shared memory in kParts parts; `of_columns` are
// the column sums of a product that is normalised, or else the column scales. A warp takes 8
// rows and 4 pieces of 8 columns at a time: neighbouring lanes have neighbouring rows, which lie
// together in panels.
template <class C, int kThreads, int kParts>
struct GemmFinish {
  static constexpr int kPieces = C::kTileN / 8;
  static constexpr int kTurns = (kPieces + 3) / 4 * (C::kTileM / 8) * 32;
  static constexpr int kEach = (kTurns + kThreads - 1) / kThreads;
  static constexpr bool kEarly =
      C::kHasResidual && in_pieces<typename C::RView>(static_cast<const typename C::R*>(nullptr)) &&
      C::kN % 8 == 0;
  uint4 early[kEach];
#if __CUDA_ARCH__ >= 900
  static constexpr bool kOutTable = C::OView::kBases;
#else
  static constexpr bool kOutTable = false;  // it would be kept in local memory
#endif
  int out_start[kOutTable ? kEach : 1];

  static __device__ __forceinline__ int row_of(int turn) {
    return turn % 8 + turn / 32 % (C::kTileM / 8) * 8;
  }
  static __device__ __forceinline__ int column_of(int turn) {
    return (turn / 8 % 4 + turn / 32 / (C::kTileM / 8) * 4) * 8;
  }
  static __device__ __forceinline__ bool exists(int turn, int row0, int column0) {
    return turn < kTurns && row0 + row_of(turn) < C::kM && column_of(turn) < C::kTileN &&
           column0 + column_of(turn) < C::kN;
  }

  // Fetches what will be added and where the rows go, while the product is under way.
  __device__ __forceinline__ void start(const typename C::R* residual, const GemmPointers& t,
                                        int row0, int column0, int batch) {
#pragma unroll
    for (int e = 0; e < (kOutTable ? kEach : 0); ++e) {
      const int turn = threadIdx.x + e * kThreads;
      out_start[e] = t.out_bases[exists(turn, row0, column0) ? row0 + row_of(turn) : 0];
    }
    if (!kEarly) return;
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
      const int turn = threadIdx.x + e * kThreads;
      early[e] = make_uint4(0, 0, 0, 0);
      if (!exists(turn, row0, column0)) continue;
      early[e] = *reinterpret_cast<const uint4*>(
          residual + batch * C::RView::kBatchStride +
          row_start<typename C::RView>(t.residual_bases, row0 + row_of(turn)) +
          column_offset<typename C::RView>(t.residual_offsets, column0 + column_of(turn)));
    }
  }

  __device__ __forceinline__ void finish(const float* sums, int part_size, int stride,
                                         const float* bias, const float* of_columns,
                                         const float* means, const float* scales,
                                         const typename C::R* residual, typename C::O* out,
                                         const GemmPointers& t, int row0, int column0, int batch) {
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
      const int turn = threadIdx.x + e * kThreads;
      // The lanes of kRowPart columns go on together: write_row_part() needs both.
      if (!exists(turn, row0, column0)) continue;
      const int r = row_of(turn), c = column_of(turn), row = row0 + r, column = column0 + c;
      float x[8] = {0, 0, 0, 0, 0, 0, 0, 0};
#pragma unroll
      for (int part = 0; part < kParts; ++part) {
        const float* at = sums + part * part_size + r * stride + c;
        add_eight(x, *reinterpret_cast<const float4*>(at),
                  *reinterpret_cast<const float4*>(at + 4));
      }
#pragma unroll
      for (int j = 0; j < 8; ++j) {
        if (C::kNormalize) x[j] = (x[j] - means[r] * of_columns[c + j]) * scales[r];
        if (C::kHasScales) x[j] *= of_columns[c + j];
        x[j] *= C::kAlpha;
        if (C::kHasBias) x[j] += bias[c + j];
        x[j] = activate<C::kActivation>(x[j]);
      }
      if (C::kHasResidual) {
        float y[8];
        if (kEarly) {
          unpack(early[e], y);
        } else {
          load_row<typename C::RView, C::kN>(
              y, residual,
              batch * C::RView::kBatchStride + row_start<typename C::RView>(t.residual_bases, row),
              t.residual_offsets, column);
        }
#pragma unroll
        for (int j = 0; j < 8; ++j) x[j] += y[j];
      }
      if (C::kQuantizes) {
#pragma unroll
        for (int j = 0; j < 8; ++j) {
          const float whole = rintf(x[j] * C::kPerQuantum) + C::kZero;
          x[j] = fminf(fmaxf(whole, C::kLow), C::kHigh);
        }
      }
      const int start =
          kOutTable ? out_start[kOutTable ? e : 0] : row_start<typename C::OView>(t.out_bases, row);
      store_row<typename C::OView, C::kN>(out, batch * C::OView::kBatchStride + start,
                                          t.out_offsets, x, column);
      if (C::kWritesRowParts) {
        const int part = (C::kRowPartBases ? t.row_part_bases[row] : row * (C::kN / kRowPart)) +
                         column / kRowPart;
        write_row_part(t.row_parts_out + 2 * part, x);
      }
    }
  }
};
