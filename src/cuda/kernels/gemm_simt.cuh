// plan::Gemm without tensor cores: for every device.
//
// Each thread has kRowsEach rows and 8 columns of the result; a block has kThreadRows by kThreadColumns
// threads. Operands pass through shared memory in segments of kSegment of k, transposed, so that a
// thread gets what it needs of one k in two vectors; the next segment is under way in registers
// meanwhile.
//
// Arithmetic (C::Sums): FloatSums multiplies and adds in f32: |error| <= (k + 8) * 2^-24 * sum |a b|.
// HalfSums takes operands as f16, multiplies and adds in f16 (two per instruction) within a segment of
// at most 32 terms, and adds the segments in f32: |error| <= 33 * 2^-11 * sum |a b|, and, errors
// being independent, about 2.5 * 2^-11 * sqrt(sum (a b)^2) in standard deviation; a partial sum of a
// segment must stay below 65504. An operand that is normalised or not f16 is rounded to f16 first. What
// follows the sum is f32.
//
// Config C: types A, B, R, O (elements), Sums; int kM, kN, kK, kRowsEach, kThreadRows, kThreadColumns,
// kSegment, kActivation; bool kNormalize, kHasBias, kHasResidual; float kEpsilon, kAlpha; views AView,
// BView, RView, OView with bool kBases, kOffsets and int kRowStride, kColumnStride, kBatchStride, kRun.

struct GemmSimtPointers {
  const int* a_bases;
  const int* a_offsets;
  const int* b_bases;
  const int* b_offsets;
  const float* bias;
  const int* r_bases;
  const int* r_offsets;
  const int* o_bases;
  const int* o_offsets;
};

struct HalfSums {
  typedef f16 Element;
  static constexpr int kTaken = 2;   // rows that are stored as one word
  static constexpr int kColumnRun = 8;  // columns of a thread next to each other

  // Element `at` of each of kTaken rows as one word.
  static __device__ __forceinline__ unsigned word(const Piece<f16>* rows, int at) {
    const unsigned x = rows[0].words[at / 2], y = rows[1].words[at / 2];
    return at % 2 == 0 ? (x & 0xFFFFu) | y << 16 : x >> 16 | (y & 0xFFFF0000u);
  }
  template <class T>
  static __device__ __forceinline__ unsigned word(const Piece<T>* rows, int at) {
    return pack_half2(rows[0].get(at), rows[1].get(at));
  }
  static __device__ __forceinline__ unsigned word(const float* values) { return pack_half2(values[0], values[1]); }

  template <int kRows, int kGroup>
  struct Sums {
    unsigned parts[kRows][4];
    float totals[kRows][8];

    __device__ __forceinline__ void clear() {
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 8; ++j) totals[i][j] = 0.0f;
      }
    }
    __device__ __forceinline__ void begin() {
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 4; ++j) parts[i][j] = 0;
      }
    }
    __device__ __forceinline__ void add(const f16* a, const f16* b, int) {
      unsigned x[kGroup / 2];
      const uint2* vectors = reinterpret_cast<const uint2*>(a);
      if (kGroup == 8) {
        const uint4 both = *reinterpret_cast<const uint4*>(a);
        x[0] = both.x;
        x[1] = both.y;
        x[kGroup / 2 - 2] = both.z;
        x[kGroup / 2 - 1] = both.w;
      } else {
        x[0] = vectors->x;
        x[1] = vectors->y;
      }
      const uint4 y = *reinterpret_cast<const uint4*>(b);
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
        const unsigned twice = i % 2 == 0 ? low_twice(x[i / 2]) : high_twice(x[i / 2]);
        parts[i][0] = fma_half2(twice, y.x, parts[i][0]);
        parts[i][1] = fma_half2(twice, y.y, parts[i][1]);
        parts[i][2] = fma_half2(twice, y.z, parts[i][2]);
        parts[i][3] = fma_half2(twice, y.w, parts[i][3]);
      }
    }
    __device__ __forceinline__ void end() {
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 4; ++j) {
          totals[i][2 * j] += low_half(parts[i][j]);
          totals[i][2 * j + 1] += high_half(parts[i][j]);
        }
      }
    }
  };
};

struct FloatSums {
  typedef float Element;
  static constexpr int kTaken = 1;
  static constexpr int kColumnRun = 4;  // two apart: neighbouring threads read neighbouring vectors

  template <class T>
  static __device__ __forceinline__ float word(const Piece<T>* rows, int at) {
    return rows[0].get(at);
  }
  static __device__ __forceinline__ float word(const float* values) { return values[0]; }

  template <int kRows, int kGroup>
  struct Sums {
    float totals[kRows][8];

    __device__ __forceinline__ void clear() {
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 8; ++j) totals[i][j] = 0.0f;
      }
    }
    __device__ __forceinline__ void begin() {}
    __device__ __forceinline__ void add(const float* a, const float* b, int apart) {
      float x[kGroup], y[8];
#pragma unroll
      for (int i = 0; i < kGroup; i += 4) get(x + i, a + i);
      get(y, b);
      get(y + 4, b + apart);
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
#pragma unroll
        for (int j = 0; j < 8; ++j) totals[i][j] = fmaf(x[i], y[j], totals[i][j]);
      }
    }
    __device__ __forceinline__ void end() {}

    static __device__ __forceinline__ void get(float* to, const float* from) {
      const float4 x = *reinterpret_cast<const float4*>(from);
      to[0] = x.x;
      to[1] = x.y;
      to[2] = x.z;
      to[3] = x.w;
    }
  };
};

// Mean and 1 / deviation of rows.
struct RowStatistics {
  const float* means;
  const float* scales;
};

// Moves an operand's rows, kGroups groups of kEach that are stored kGroup apart, from memory through
// registers to shared memory. kRows and kDepth are the sizes of the whole matrix.
template <class Sums, class View, class T, int kGroups, int kEach, int kGroup, int kRows, int kDepth, int kSegment,
          int kThreads, bool kNormalize>
struct GemmLoader {
  typedef typename Sums::Element Element;
  static constexpr int kTaken = Sums::kTaken;
  static constexpr int kOctets = kSegment / 8;
  static constexpr int kUnitsOfGroup = (kEach + kTaken - 1) / kTaken;
  static constexpr int kUnits = kGroups * kUnitsOfGroup * kOctets;
  static constexpr int kMine = (kUnits + kThreads - 1) / kThreads;
  // Elements from one k to the next, and more after each 8: threads that store 8 k apart then do so in
  // different banks.
  static constexpr int kStride = kGroups * kGroup;
  static constexpr int kSkew = 32 / kOctets * kTaken;
  static constexpr int kSize = (kSegment * kStride + kOctets * kSkew + 7) / 8 * 8;

  Piece<T> pieces[kMine][kTaken];
  int bases[kMine][kTaken];

  static __device__ __forceinline__ int place(int k) { return k * kStride + k / 8 * kSkew; }
  static __device__ __forceinline__ bool has(int i) {
    return (i + 1) * kThreads <= kUnits || i * kThreads + static_cast<int>(threadIdx.x) < kUnits;
  }
  static __device__ __forceinline__ int octet(int i) { return (i * kThreads + threadIdx.x) % kOctets; }
  static __device__ __forceinline__ int group(int i) {
    return (i * kThreads + threadIdx.x) / kOctets / kUnitsOfGroup;
  }
  static __device__ __forceinline__ int within(int i) {
    return (i * kThreads + threadIdx.x) / kOctets % kUnitsOfGroup * kTaken;
  }
  // Of the tile; the last instead of what its group lacks.
  static __device__ __forceinline__ int row_of(int i, int t) {
    const int row = within(i) + t;
    return group(i) * kEach + (row < kEach ? row : kEach - 1);
  }

  __device__ __forceinline__ void start(const int* table, int row0) {
#pragma unroll
    for (int i = 0; i < kMine; ++i) {
#pragma unroll
      for (int t = 0; t < kTaken; ++t) {
        const int row = row0 + (has(i) ? row_of(i, t) : 0);
        bases[i][t] = row_place<View>(table, row < kRows ? row : kRows - 1);
      }
    }
  }
  __device__ __forceinline__ void read(const T* p, const int* offsets, int k0) {
#pragma unroll
    for (int i = 0; i < kMine; ++i) {
      if (!has(i)) continue;
#pragma unroll
      for (int t = 0; t < kTaken; ++t) {
        read_piece<View, 8, kDepth, kDepth % kSegment != 0>(pieces[i][t], 0, p + bases[i][t], offsets,
                                                            k0 + octet(i) * 8);
      }
    }
  }
  __device__ __forceinline__ void write(Element* shared, const RowStatistics& statistics) const {
#pragma unroll
    for (int i = 0; i < kMine; ++i) {
      if (!has(i)) continue;
      Element* to = shared + place(octet(i) * 8) + group(i) * kGroup + within(i);
      float means[kTaken], scales[kTaken];
#pragma unroll
      for (int t = 0; t < kTaken; ++t) {
        means[t] = kNormalize ? statistics.means[row_of(i, t)] : 0.0f;
        scales[t] = kNormalize ? statistics.scales[row_of(i, t)] : 1.0f;
      }
#pragma unroll
      for (int k = 0; k < 8; ++k) {
        if (kNormalize) {
          float values[kTaken];
#pragma unroll
          for (int t = 0; t < kTaken; ++t) values[t] = (pieces[i][t].get(k) - means[t]) * scales[t];
          put(to + k * kStride, Sums::word(values));
        } else {
          put(to + k * kStride, Sums::word(pieces[i], k));
        }
      }
    }
  }
  static __device__ __forceinline__ void put(f16* to, unsigned word) { *reinterpret_cast<unsigned*>(to) = word; }
  static __device__ __forceinline__ void put(float* to, float value) { *to = value; }
};

template <class C>
struct GemmSimt {
  typedef typename C::A A;
  typedef typename C::B B;
  typedef typename C::R R;
  typedef typename C::O O;
  typedef typename C::Sums::Element Element;
  static constexpr int kThreads = C::kThreadRows * C::kThreadColumns;
  static constexpr int kGroup = C::kRowsEach <= 4 ? 4 : 8;
  static constexpr int kTileM = C::kThreadRows * C::kRowsEach;
  static constexpr int kTileN = C::kThreadColumns * 8;
  static constexpr int kSegments = (C::kK + C::kSegment - 1) / C::kSegment;
  static constexpr int kTilesM = (C::kM + kTileM - 1) / kTileM;
  static constexpr int kTilesN = (C::kN + kTileN - 1) / kTileN;
  static constexpr int kColumnRun = C::Sums::kColumnRun;
  static constexpr int kBuffers = kSegments > 1 ? 2 : 1;
  typedef GemmLoader<typename C::Sums, typename C::AView, A, C::kThreadRows, C::kRowsEach, kGroup, C::kM, C::kK,
                     C::kSegment, kThreads, C::kNormalize>
      ALoader;
  typedef GemmLoader<typename C::Sums, typename C::BView, B, C::kThreadColumns, 8, 8, C::kN, C::kK, C::kSegment,
                     kThreads, false>
      BLoader;
  typedef typename C::Sums::template Sums<C::kRowsEach, kGroup> Sums;

  // Statistics of the rows of the tile; kLanes neighbouring threads have one row at a time.
  static __device__ __forceinline__ void find_statistics(float* means, float* scales, const A* a,
                                                         const GemmSimtPointers& t, int row0) {
    constexpr int kOctets = (C::kK + 7) / 8;
    constexpr int kLanes = kOctets > 16 ? 32 : kOctets > 8 ? 16 : kOctets > 4 ? 8 : 4;
    const int lane = threadIdx.x % kLanes;
    for (int first = 0; first < kTileM; first += kThreads / kLanes) {
      const int in_tile = first + threadIdx.x / kLanes;
      const int row = row0 + in_tile;
      const A* p = a + row_place<typename C::AView>(t.a_bases, row < C::kM ? row : C::kM - 1);
      float sum = 0.0f;
      for (int octet = lane; octet < kOctets; octet += kLanes) {
        Piece<A> piece;
        read_piece<typename C::AView, 8, C::kK, C::kK % 8 != 0>(piece, 0, p, t.a_offsets, octet * 8);
#pragma unroll
        for (int i = 0; i < 8; ++i) sum += piece.get(i);
      }
#pragma unroll
      for (int mask = kLanes / 2; mask > 0; mask /= 2) sum += shuffle_xor(sum, mask);
      const float mean = sum * (1.0f / C::kK);
      float squares = 0.0f;
      for (int octet = lane; octet < kOctets; octet += kLanes) {
        Piece<A> piece;
        read_piece<typename C::AView, 8, C::kK, C::kK % 8 != 0>(piece, 0, p, t.a_offsets, octet * 8);
#pragma unroll
        for (int i = 0; i < 8; ++i) {
          const float distance = C::kK % 8 == 0 || octet * 8 + i < C::kK ? piece.get(i) - mean : 0.0f;
          squares += distance * distance;
        }
      }
#pragma unroll
      for (int mask = kLanes / 2; mask > 0; mask /= 2) squares += shuffle_xor(squares, mask);
      if (lane == 0 && in_tile < kTileM) {
        means[in_tile] = mean;
        scales[in_tile] = 1.0f / sqrtf(squares * (1.0f / C::kK) + C::kEpsilon);
      }
    }
    __syncthreads();
  }

  static __device__ __forceinline__ float activated(float x) {
    switch (C::kActivation) {
      case 1:
        return gelu(x);
      case 2:
        return gelu_tanh(x);
      case 3:
        return fmaxf(x, 0.0f);
      case 4:
        return x * sigmoid(x);
      case 5:
        return x * fminf(fmaxf(x * (1.0f / 6.0f) + 0.5f, 0.0f), 1.0f);
      case 6:
        return sigmoid(x);
      default:
        return x;
    }
  }

  static __device__ __forceinline__ void finish(const Sums& sums, const R* residual, O* out,
                                                const GemmSimtPointers& t, int row0, int column0) {
    constexpr bool kGuarded = C::kN % kTileN != 0;
#pragma unroll
    for (int part = 0; part < 8; part += kColumnRun) {
      const int column = column0 + part / kColumnRun * (kTileN / 2) + threadIdx.x % C::kThreadColumns * kColumnRun;
      float bias[kColumnRun];
#pragma unroll
      for (int j = 0; j < kColumnRun; ++j) {
        bias[j] = C::kHasBias && (!kGuarded || column + j < C::kN) ? t.bias[column + j] : 0.0f;
      }
#pragma unroll
      for (int i = 0; i < C::kRowsEach; ++i) {
        const int row = row0 + threadIdx.x / C::kThreadColumns * C::kRowsEach + i;
        if (C::kM % kTileM != 0 && row >= C::kM) continue;
        float values[kColumnRun];
#pragma unroll
        for (int j = 0; j < kColumnRun; ++j) {
          values[j] = activated(C::kAlpha * sums.totals[i][part + j] + bias[j]);
        }
        if (C::kHasResidual) {
          Piece<R> more;
          read_piece<typename C::RView, kColumnRun, C::kN, kGuarded>(
              more, 0, residual + row_place<typename C::RView>(t.r_bases, row), t.r_offsets, column);
#pragma unroll
          for (int j = 0; j < kColumnRun; ++j) values[j] += more.get(j);
        }
        write_piece<typename C::OView, kColumnRun, C::kN, kGuarded>(
            out + row_place<typename C::OView>(t.o_bases, row), t.o_offsets, column, values);
      }
    }
  }

  static __device__ __forceinline__ void run(const A* a, const B* b, const R* residual, O* out,
                                             const GemmSimtPointers& t) {
    __shared__ __align__(16) Element a_shared[kBuffers * ALoader::kSize];
    __shared__ __align__(16) Element b_shared[kBuffers * BLoader::kSize];
    __shared__ float means[C::kNormalize ? kTileM : 1];
    __shared__ float scales[C::kNormalize ? kTileM : 1];
    const int tile = blockIdx.x % (kTilesM * kTilesN);
    const int row0 = tile % kTilesM * kTileM, column0 = tile / kTilesM * kTileN;
    const long long batch = blockIdx.x / (kTilesM * kTilesN);
    a += batch * C::AView::kBatchStride;
    b += batch * C::BView::kBatchStride;
    wait_for_previous();
    const RowStatistics statistics = {means, scales};
    if (C::kNormalize) find_statistics(means, scales, a, t, row0);

    ALoader a_loader;
    BLoader b_loader;
    a_loader.start(t.a_bases, row0);
    b_loader.start(t.b_bases, column0);
    a_loader.read(a, t.a_offsets, 0);
    b_loader.read(b, t.b_offsets, 0);
    a_loader.write(a_shared, statistics);
    b_loader.write(b_shared, statistics);
    __syncthreads();

    const int a_place = threadIdx.x / C::kThreadColumns * kGroup;
    const int b_place = threadIdx.x % C::kThreadColumns * kColumnRun;
    Sums sums;
    sums.clear();
#pragma unroll 1
    for (int segment = 0; segment < kSegments; ++segment) {
      const bool more = segment + 1 < kSegments;
      if (more) {
        a_loader.read(a, t.a_offsets, (segment + 1) * C::kSegment);
        b_loader.read(b, t.b_offsets, (segment + 1) * C::kSegment);
      }
      const Element* a_now = a_shared + segment % kBuffers * ALoader::kSize + a_place;
      const Element* b_now = b_shared + segment % kBuffers * BLoader::kSize + b_place;
      sums.begin();
#pragma unroll
      for (int k = 0; k < C::kSegment; ++k) sums.add(a_now + ALoader::place(k), b_now + BLoader::place(k), kTileN / 2);
      sums.end();
      if (more) {
        a_loader.write(a_shared + (segment + 1) % kBuffers * ALoader::kSize, statistics);
        b_loader.write(b_shared + (segment + 1) % kBuffers * BLoader::kSize, statistics);
        __syncthreads();
      }
    }
    let_next_start();
    finish(sums, residual + batch * C::RView::kBatchStride, out + batch * C::OView::kBatchStride, t, row0, column0);
  }
};
