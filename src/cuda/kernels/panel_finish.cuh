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
