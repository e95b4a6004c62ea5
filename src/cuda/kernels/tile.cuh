// What the tensor core kernels of products share: views, activations, products of tiles in shared
// memory and the statistics of rows.

constexpr int kRowPart = 16;

// A view has bool kBases, kOffsets and int kPanelRows, kColumns, kRowStride, kColumnStride,
// kBatchStride, kRun (plan::MatrixView).
template <class View>
__device__ __forceinline__ int row_start(const int* bases, int row) {
  if (View::kBases) return bases[row];
  if (View::kPanelRows > 0) {
    constexpr int kRows = View::kPanelRows > 0 ? View::kPanelRows : 1;
    return row / kRows * (kRows * View::kColumns) + row % kRows * 8;
  }
  return row * View::kRowStride;
}
template <class View>
__device__ __forceinline__ int column_offset(const int* offsets, int column) {
  if (View::kPanelRows > 0) return column / 8 * (View::kPanelRows * 8) + column % 8;
  return View::kOffsets ? offsets[column] : column * View::kColumnStride;
}

// erf by formula 7.1.26 of Abramowitz and Stegun: absolute error below 1.5e-7.
__device__ __forceinline__ float gelu_for_f16(float x) {
  const float z = fabsf(x) * 0.70710678118654752f;
  const float t = __fdividef(1.0f, 1.0f + 0.3275911f * z);
  const float poly =
      t * (0.254829592f +
           t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
  const float erf_z = 1.0f - poly * __expf(-z * z);
  return 0.5f * x * (1.0f + (x < 0 ? -erf_z : erf_z));
}

template <int activation>
__device__ __forceinline__ float activate(float x) {
  if (activation == 1) return gelu_for_f16(x);
  if (activation == 2) return gelu_tanh(x);
  if (activation == 3) return fmaxf(x, 0.0f);
  if (activation == 4) return x * sigmoid(x);
  if (activation == 5) return x * fminf(fmaxf(x * (1.0f / 6.0f) + 0.5f, 0.0f), 1.0f);
  if (activation == 6) return sigmoid(x);
  return x;
}

__device__ __forceinline__ constexpr bool is_f16(const f16*) { return true; }
template <class T>
__device__ __forceinline__ constexpr bool is_f16(const T*) {
  return false;
}

__device__ __forceinline__ void unpack(const uint4& raw, float (&x)[8]) {
  x[0] = low_half(raw.x), x[1] = high_half(raw.x), x[2] = low_half(raw.y), x[3] = high_half(raw.y);
  x[4] = low_half(raw.z), x[5] = high_half(raw.z), x[6] = low_half(raw.w), x[7] = high_half(raw.w);
}
__device__ __forceinline__ uint4 pack(const float (&x)[8]) {
  return make_uint4(pack_half2(x[0], x[1]), pack_half2(x[2], x[3]), pack_half2(x[4], x[5]),
                    pack_half2(x[6], x[7]));
}

// Whether the rows of a view can be moved in pieces of 16 bytes.
template <class View, class T>
__device__ __forceinline__ constexpr bool in_pieces(const T* p) {
  return (View::kRun == 8 || View::kPanelRows > 0) && is_f16(p);
}

// Eight columns of a row as they come.
template <class View, class T>
__device__ __forceinline__ void load_eight(float (&x)[8], const T* p, int start, const int* offsets,
                                           int column) {
#pragma unroll
  for (int j = 0; j < 8; ++j) {
    x[j] = static_cast<float>(load(p, start + column_offset<View>(offsets, column + j)));
  }
}
template <class View>
__device__ __forceinline__ void load_eight(float (&x)[8], const float* p, int start,
                                           const int* offsets, int column) {
  if (View::kRun < 4) return load_eight<View, float>(x, p, start, offsets, column);
  const int at = start + column_offset<View>(offsets, column);
  const int next = View::kRun == 8 ? at + 4 : start + column_offset<View>(offsets, column + 4);
  const float4 low = *reinterpret_cast<const float4*>(p + at),
               high = *reinterpret_cast<const float4*>(p + next);
  x[0] = low.x, x[1] = low.y, x[2] = low.z, x[3] = low.w;
  x[4] = high.x, x[5] = high.y, x[6] = high.z, x[7] = high.w;
}

template <class View>
__device__ __forceinline__ void load_eight(float (&x)[8], const signed char* p, int start,
                                           const int* offsets, int column) {
  if (View::kRun < 8) return load_eight<View, signed char>(x, p, start, offsets, column);
  const uint2 raw =
      *reinterpret_cast<const uint2*>(p + start + column_offset<View>(offsets, column));
#pragma unroll
  for (int j = 0; j < 8; ++j) {
    x[j] = static_cast<float>(static_cast<signed char>((j < 4 ? raw.x : raw.y) >> j % 4 * 8));
  }
}

// Eight neighbours of a row, which starts at `start`; zeros from column kN on.
template <class View, int kN, class T>
__device__ __forceinline__ void load_row(float (&y)[8], const T* p, int start, const int* offsets,
                                         int column) {
  if (in_pieces<View>(static_cast<const T*>(nullptr)) && kN % 8 == 0) {
    unpack(*reinterpret_cast<const uint4*>(p + start + column_offset<View>(offsets, column)), y);
    return;
  }
#pragma unroll
  for (int j = 0; j < 8; ++j) {
    y[j] = column + j < kN
               ? static_cast<float>(load(p, start + column_offset<View>(offsets, column + j)))
               : 0.0f;
  }
}

template <class View, int kN, class T>
__device__ __forceinline__ void store_row(T* p, int start, const int* offsets, const float (&x)[8],
                                          int column) {
  if (in_pieces<View>(static_cast<const T*>(nullptr)) && kN % 8 == 0) {
    *reinterpret_cast<uint4*>(p + start + column_offset<View>(offsets, column)) = pack(x);
    return;
  }
  if (sizeof(T) == 1 && View::kRun == 8 && View::kPanelRows == 0 && kN % 8 == 0) {
    *reinterpret_cast<uint2*>(p + start + column_offset<View>(offsets, column)) =
        make_uint2(pack_bytes(x[0], x[1], x[2], x[3]), pack_bytes(x[4], x[5], x[6], x[7]));
    return;
  }
#pragma unroll
  for (int j = 0; j < 8; ++j) {
    if (column + j < kN) store(p, start + column_offset<View>(offsets, column + j), x[j]);
  }
}

template <class Sum, int kBlocksM, int kBlocksN>
__device__ __forceinline__ void clear(Sum (&sums)[kBlocksM][kBlocksN][4]) {
#pragma unroll
  for (int m = 0; m < kBlocksM; ++m) {
#pragma unroll
    for (int n = 0; n < kBlocksN; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) sums[m][n][i] = 0;
    }
  }
}

// Adds the product, in the way of Products (mma.cuh), of a [16 * kBlocksM, kLength] and
// b [8 * kBlocksN, kLength] in shared memory;
// rows and pieces of 8 columns lie `stride` and `piece` halves apart. Of kWarpsK warps, each takes
// every kWarpsK-th 16 columns.
template <class Products, int kLength, int kWarpsK, int kBlocksM, int kBlocksN>
__device__ __forceinline__ void multiply(typename Products::Sum (&sums)[kBlocksM][kBlocksN][4],
                                         const f16* a, int a_stride, int a_piece, const f16* b,
                                         int b_stride, int b_piece, int warp_k) {
  const int lane = threadIdx.x % 32;
  // Lane l addresses row l % 16, columns 8 * (l / 16) of a 16x16 block of a; of b, whose blocks are
  // two of 8 rows, row l % 8 + 8 * (l / 16), columns 8 * (l / 8 % 2).
  const f16* a_row = a + (lane % 16) * a_stride + (lane / 16 + warp_k * 2) * a_piece;
  const f16* b_row =
      b + (lane % 8 + lane / 16 * 8) * b_stride + (lane / 8 % 2 + warp_k * 2) * b_piece;
#pragma unroll
  for (int k = 0; k < kLength; k += 16 * kWarpsK) {
    if (kLength % (16 * kWarpsK) != 0 && k + warp_k * 16 >= kLength) break;
    unsigned a_part[kBlocksM][4];
#pragma unroll
    for (int m = 0; m < kBlocksM; ++m)
      load_matrices(a_part[m], a_row + m * 16 * a_stride + k / 8 * a_piece);
#pragma unroll
    for (int n = 0; n < kBlocksN; n += 2) {
      unsigned b_part[4];
      load_matrices(b_part, b_row + n * 8 * b_stride + k / 8 * b_piece);
#pragma unroll
      for (int m = 0; m < kBlocksM; ++m) {
        Products::add(sums[m][n], a_part[m], b_part[0], b_part[1]);
        Products::add(sums[m][n + 1], a_part[m], b_part[2], b_part[3]);
      }
    }
  }
}

// The sums of a warp into rows of floats; `at` is where its first row and column belong.
template <class Sum, int kBlocksM, int kBlocksN>
__device__ __forceinline__ void store_sums(const Sum (&sums)[kBlocksM][kBlocksN][4], float* at,
                                           int stride) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int m = 0; m < kBlocksM; ++m) {
#pragma unroll
    for (int n = 0; n < kBlocksN; ++n) {
      float* place = at + (m * 16 + lane / 4) * stride + n * 8 + lane % 4 * 2;
      const Sum(&x)[4] = sums[m][n];
      *reinterpret_cast<float2*>(place) =
          make_float2(static_cast<float>(x[0]), static_cast<float>(x[1]));
      *reinterpret_cast<float2*>(place + 8 * stride) =
          make_float2(static_cast<float>(x[2]), static_cast<float>(x[3]));
    }
  }
}

// Adds eight neighbours to x.
__device__ __forceinline__ void add_eight(float (&x)[8], const float4& low, const float4& high) {
  x[0] += low.x, x[1] += low.y, x[2] += low.z, x[3] += low.w;
  x[4] += high.x, x[5] += high.y, x[6] += high.z, x[7] += high.w;
}

// Mean and 1 / deviation of the kRows rows of a tile, kLength long; kThreads / kRows threads have
// one row together.
template <int kLength, int kThreads, int kRows>
struct RowStatistics {
  static constexpr int kTogether = kThreads / kRows > 0 ? kThreads / kRows : 1;
  // Whether the threads of a row can add up what they have.
  static constexpr bool kPossible = kThreads % kRows == 0 && (kTogether & (kTogether - 1)) == 0;
  // Of the elements less the first one, which keeps the digits where the mean is large.
  float first, sum, square;

  // kPart columns of each row; pieces of 8 columns lie `piece_stride` halves apart.
  template <int kPart>
  __device__ __forceinline__ void add(const f16* rows, int stride, int piece_stride,
                                      bool first_part) {
    const f16* at = rows + threadIdx.x / kTogether * stride;
    if (first_part) first = to_float(at[0]);
#pragma unroll 4
    for (int piece = threadIdx.x % kTogether; piece < kPart / 8; piece += kTogether) {
      float x[8];
      unpack(*reinterpret_cast<const uint4*>(at + piece * piece_stride), x);
#pragma unroll
      for (int j = 0; j < 8; ++j) {
        const float d = x[j] - first;
        sum += d;
        square += d * d;
      }
    }
  }

  __device__ __forceinline__ void finish(float epsilon, float* means, float* scales) {
#pragma unroll
    for (int mask = kTogether / 2; mask > 0; mask /= 2) {
      sum += shuffle_xor(sum, mask);
      square += shuffle_xor(square, mask);
    }
    if (threadIdx.x % kTogether == 0) {
      const float mean = sum * (1.0f / kLength);
      const float variance = fmaxf(square * (1.0f / kLength) - mean * mean, 0.0f);
      means[threadIdx.x / kTogether] = first + mean;
      scales[threadIdx.x / kTogether] = rsqrtf(variance + epsilon);
    }
  }

  // The same from the mean and the sum of squared distances of each kRowPart columns (the rule of
  // Chan, Golub and LeVeque), which are fetched first.
  struct Parts {
    static constexpr int kGroups = kLength / kRowPart;
    static constexpr int kEach = (kGroups + kTogether - 1) / kTogether;
    float2 mine[kEach];

    // `parts` are those of the tile's first row; `rows` of them exist.
    __device__ __forceinline__ void load(const float* parts, int rows) {
      const int r = threadIdx.x / kTogether;
      const float2* part = reinterpret_cast<const float2*>(parts) + (r < rows ? r : 0) * kGroups;
#pragma unroll
      for (int g = 0; g < kEach; ++g) {
        const int group = g * kTogether + threadIdx.x % kTogether;
        mine[g] = group < kGroups ? part[group] : make_float2(0, 0);
      }
    }
    __device__ __forceinline__ void finish(float epsilon, float* means, float* scales) const {
      float sum = 0;
#pragma unroll
      for (int g = 0; g < kEach; ++g) sum += mine[g].x;
#pragma unroll
      for (int mask = kTogether / 2; mask > 0; mask /= 2) sum += shuffle_xor(sum, mask);
      const float mean = sum * (1.0f / kGroups);
      float square = 0;
#pragma unroll
      for (int g = 0; g < kEach; ++g) {
        const float distance = mine[g].x - mean;
        if (g * kTogether + threadIdx.x % kTogether < kGroups)
          square += mine[g].y + kRowPart * distance * distance;
      }
#pragma unroll
      for (int mask = kTogether / 2; mask > 0; mask /= 2) square += shuffle_xor(square, mask);
      if (threadIdx.x % kTogether == 0) {
        const int r = threadIdx.x / kTogether;
        means[r] = mean;
        scales[r] = rsqrtf(square * (1.0f / kLength) + epsilon);
      }
    }
  };
};

// What RowStatistics::Parts reads, by the two lanes that have kRowPart columns of a row, eight
// each; they are 8 apart. `part` is that of the columns.
__device__ __forceinline__ void write_row_part(float* part, const float (&x)[8]) {
  const unsigned both = 0x101u << (threadIdx.x % 8 + threadIdx.x % 32 / 16 * 16);
  float sum = 0;
#pragma unroll
  for (int j = 0; j < 8; ++j) sum += x[j];
  sum += __shfl_xor_sync(both, sum, 8);
  const float mean = sum * (1.0f / kRowPart);
  float square = 0;
#pragma unroll
  for (int j = 0; j < 8; ++j) square += (x[j] - mean) * (x[j] - mean);
  square += __shfl_xor_sync(both, square, 8);
  if (threadIdx.x % 16 < 8) *reinterpret_cast<float2*>(part) = make_float2(mean, square);
}
