// plan::Gemm without tensor cores: for every device.
//
// Each thread has kRowsEach rows and 8 columns of the result; a block has kThreadRows by
// kThreadColumns threads. Operands pass through shared memory in segments of kSegment of k,
// transposed, so that a thread gets what it needs of one k in two vectors. While it multiplies each
// 8 of k, a part of the next segment is under way in its registers. With kColumnTiles > 1 a block
// has all k of its rows in shared memory at once, and goes over that many tiles of columns: what
// normalises the rows is found once for all of them.
//
// Arithmetic (C::Sums): FloatSums multiplies and adds in f32: |error| <= (k + 8) * 2^-24 * sum |a
// b|. HalfSums takes operands as f16, multiplies and adds in f16 (two per instruction: k even and k
// odd, so that no half of a register has to be selected, which the newest GPUs do at half the rate)
// at most 64 terms, and adds these sums in f32: |error| <= 65 * 2^-11 * sum |a b|, and, errors
// being independent, about 2.5 * 2^-11 * sqrt(sum (a b)^2) in standard deviation; a sum of 64 terms
// must stay below 65504, as must the distance of a normalised row's elements from their mean. An
// operand that is normalised or not f16 is rounded to f16 first. IntegerSums multiplies and adds
// 8-bit integers exactly. What follows the sum is f32; a result in integers can be one away where
// it lies half way between two, up to rounding in f32.
//
// Config C: types A, B, R, O (elements), Sums; int kM, kN, kK, kRowsEach, kThreadRows,
// kThreadColumns, kSegment, kColumnTiles, kActivation; bool kNormalize, kHasBias, kHasResidual,
// kHasScales, kQuantizes; float kEpsilon, kAlpha, and with kQuantizes kPerQuantum, kZero, kLow and
// kHigh (of the integers); views AView, BView, RView, OView with bool kBases, kOffsets and int
// kRowStride, kColumnStride, kBatchStride, kRun.

struct GemmSimtPointers {
  const int* a_bases;
  const int* a_offsets;
  const int* b_bases;
  const int* b_offsets;
  const float* bias;
  const float* column_scales;
  const int* r_bases;
  const int* r_offsets;
  const int* o_bases;
  const int* o_offsets;
};

template <class C>
struct GemmSimt {
  typedef typename C::A A;
  typedef typename C::B B;
  typedef typename C::R R;
  typedef typename C::O O;
  typedef typename C::Sums::Word Word;
  static constexpr int kThreads = C::kThreadRows * C::kThreadColumns;
  static constexpr int kGroup = C::kRowsEach <= 4 ? 4 : 8;
  static constexpr int kTileM = C::kThreadRows * C::kRowsEach;
  static constexpr int kTileN = C::kThreadColumns * 8;
  static constexpr int kSegments = (C::kK + C::kSegment - 1) / C::kSegment;
  static constexpr int kTilesM = (C::kM + kTileM - 1) / kTileM;
  static constexpr int kTilesN = (C::kN + kTileN - 1) / kTileN;
  static constexpr bool kWhole = C::kColumnTiles > 1;
  static constexpr int kColumnGroups = (kTilesN + C::kColumnTiles - 1) / C::kColumnTiles;
  static constexpr int kColumnRun = 4;  // columns of a thread next to each other
  static constexpr int kSegmentsTogether = C::Sums::kTogether / C::kSegment;
  typedef GemmLoader<typename C::Sums, typename C::AView, A, C::kThreadRows, C::kRowsEach, kGroup,
                     C::kM, C::kK, C::kSegment, kThreads, C::kNormalize>
      ALoader;
  typedef GemmLoader<typename C::Sums, typename C::BView, B, C::kThreadColumns, 8, 8, C::kN, C::kK,
                     C::kSegment, kThreads, false>
      BLoader;
  typedef typename ALoader::Norm Norm;
  typedef typename C::Sums::template Sums<C::kRowsEach, kGroup> Sums;
  static constexpr int kOctets = C::kSegment / 8;
  // Units that are under way during each 8 of k.
  static constexpr int kAUnits = (ALoader::kMine + kOctets - 1) / kOctets;
  static constexpr int kBUnits = (BLoader::kMine + kOctets - 1) / kOctets;

  // 8 of a row; 0 where it has ended.
  static __device__ __forceinline__ void read_values(float* values, const A* p, const int* offsets,
                                                     int octet) {
    Piece<A> piece;
    read_piece<typename C::AView, 8, C::kK, true>(
        piece, 0, piece_start<typename C::AView>(p, octet * 8), offsets, octet * 8);
#pragma unroll
    for (int i = 0; i < 8; ++i) values[i] = piece.get(i);
  }

  // What normalises the rows of the tile; kLanes neighbouring threads have one row at a time.
  static __device__ __forceinline__ void find_norms(Norm* norms, const A* a,
                                                    const GemmSimtPointers& t, int row0) {
    constexpr int kOfRow = (C::kK + 7) / 8;
    constexpr int kLanes = kOfRow > 16 ? 32 : kOfRow > 8 ? 16 : kOfRow > 4 ? 8 : 4;
    constexpr int kRounds = (kOfRow + kLanes - 1) / kLanes;
    constexpr int kKept = kRounds <= 6 ? kRounds : 1;  // else read twice
    constexpr int kUnroll = kKept;
    const int lane = threadIdx.x % kLanes;
    for (int first = 0; first < kTileM; first += kThreads / kLanes) {
      const int in_tile = first + threadIdx.x / kLanes;
      const int row = row0 + in_tile;
      const A* p = a + row_place<typename C::AView>(t.a_bases, row < C::kM ? row : C::kM - 1);
      float values[kKept][8];
      float sum = 0.0f;
#pragma unroll(kUnroll)
      for (int i = 0; i < kRounds; ++i) {
        float* x = values[kKept > 1 ? i : 0];
        read_values(x, p, t.a_offsets, i * kLanes + lane);
#pragma unroll
        for (int j = 0; j < 8; ++j) sum += x[j];
      }
#pragma unroll
      for (int mask = kLanes / 2; mask > 0; mask /= 2) sum += shuffle_xor(sum, mask);
      const float mean = sum * (1.0f / C::kK);
      float squares = 0.0f;
#pragma unroll(kUnroll)
      for (int i = 0; i < kRounds; ++i) {
        float* x = values[kKept > 1 ? i : 0];
        if (kKept < kRounds) read_values(x, p, t.a_offsets, i * kLanes + lane);
#pragma unroll
        for (int j = 0; j < 8; ++j) {
          const int k = (i * kLanes + lane) * 8 + j;
          const float distance = kRounds * kLanes * 8 == C::kK || k < C::kK ? x[j] - mean : 0.0f;
          squares = fmaf(distance, distance, squares);
        }
      }
#pragma unroll
      for (int mask = kLanes / 2; mask > 0; mask /= 2) squares += shuffle_xor(squares, mask);
      if (lane == 0 && in_tile < kTileM) {
        norms[in_tile].set(mean, 1.0f / sqrtf(squares * (1.0f / C::kK) + C::kEpsilon));
      }
    }
    __syncthreads();
  }

  // x / 2 * (1 + erf(x / sqrt 2)) with the error function by formula 7.1.26 of Abramowitz and
  // Stegun: |error| <= 8e-8 * |x|, and of few instructions.
  static __device__ __forceinline__ float short_gelu(float x) {
    const float z = fabsf(x) * 0.70710678118654752f;
    const float t = short_reciprocal(fmaf(0.3275911f, z, 1.0f));
    float rest = fmaf(t, 1.061405429f, -1.453152027f);
    rest = fmaf(t, rest, 1.421413741f);
    rest = fmaf(t, rest, -0.284496736f);
    rest = fmaf(t, rest, 0.254829592f) * t;
    return fmaxf(x, 0.0f) - 0.5f * fabsf(x) * (rest * short_exp2(-1.4426950408889634f * z * z));
  }

  static __device__ __forceinline__ float activated(float x) {
    switch (C::kActivation) {
      case 1:
        return C::Sums::kShortFunctions ? short_gelu(x) : gelu(x);
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

  static __device__ __forceinline__ void finish(const Sums& sums, const Norm* norms,
                                                const R* residual, O* out,
                                                const GemmSimtPointers& t, int row0, int column0) {
    constexpr bool kGuarded = C::kN % kTileN != 0;
#pragma unroll
    for (int part = 0; part < 8; part += kColumnRun) {
      const int column =
          column0 + part / kColumnRun * (kTileN / 2) + threadIdx.x % C::kThreadColumns * kColumnRun;
      float bias[kColumnRun], scales[kColumnRun];
#pragma unroll
      for (int j = 0; j < kColumnRun; ++j) {
        const bool valid = !kGuarded || column + j < C::kN;
        bias[j] = C::kHasBias && valid ? t.bias[column + j] : 0.0f;
        scales[j] = C::kHasScales && valid ? t.column_scales[column + j] : 1.0f;
      }
#pragma unroll
      for (int i = 0; i < C::kRowsEach; ++i) {
        const int in_tile = threadIdx.x / C::kThreadColumns * C::kRowsEach + i,
                  row = row0 + in_tile;
        if (C::kM % kTileM != 0 && row >= C::kM) continue;
        const float factor = C::kAlpha * (C::kNormalize ? norms[in_tile].left() : 1.0f);
        float values[kColumnRun];
#pragma unroll
        for (int j = 0; j < kColumnRun; ++j) {
          const float sum = static_cast<float>(sums.totals[i][part + j]);
          values[j] = activated((C::kHasScales ? factor * scales[j] : factor) * sum + bias[j]);
        }
        if (C::kHasResidual) {
          Piece<R> more;
          read_piece<typename C::RView, kColumnRun, C::kN, kGuarded>(
              more, 0,
              piece_start<typename C::RView>(
                  residual + row_place<typename C::RView>(t.r_bases, row), column),
              t.r_offsets, column);
#pragma unroll
          for (int j = 0; j < kColumnRun; ++j) values[j] += more.get(j);
        }
        if (C::kQuantizes) {
#pragma unroll
          for (int j = 0; j < kColumnRun; ++j) {
            const float whole = rintf(values[j] * C::kPerQuantum) + C::kZero;
            values[j] = fminf(fmaxf(whole, C::kLow), C::kHigh);
          }
        }
        write_piece<typename C::OView, kColumnRun, C::kN, kGuarded>(
            piece_start<typename C::OView>(out + row_place<typename C::OView>(t.o_bases, row),
                                           column),
            t.o_offsets, column, values);
      }
    }
  }

  // Sums of all k for the columns whose first segment b_shared has as its part first_segment % 2.
  // Meanwhile brings the next segments there, at last the first of columns `next_column0`, if those
  // are any.
  static __device__ __forceinline__ void sum(Sums& sums, Word* a_shared, Word* b_shared,
                                             int first_segment, ALoader& a_loader,
                                             BLoader& b_loader, const B* b,
                                             const GemmSimtPointers& t, const Norm* norms,
                                             int next_column0) {
    sums.clear();
    const Word* const a_mine = a_shared + threadIdx.x / C::kThreadColumns * kGroup;
    const Word* const b_mine = b_shared + threadIdx.x % C::kThreadColumns * kColumnRun;
    const Word* a_whole = a_mine;
#pragma unroll 1
    for (int segment = 0; segment < kSegments; ++segment) {
      const bool last = segment + 1 == kSegments;
      const bool more = !last || (kWhole && next_column0 < C::kN);
      const int k0 = kWhole && last ? 0 : (segment + 1) * C::kSegment;
      // Selected, not multiplied: sm_53 takes several instructions for a product of integers.
      const bool second = (first_segment + segment) % 2 != 0;
      const Word* a_now = kWhole ? a_whole : a_mine + (second ? ALoader::kSize : 0);
      const Word* b_now = b_mine + (second ? BLoader::kSize : 0);
      Word* a_next = a_shared + (second ? 0 : ALoader::kSize);
      Word* b_next = b_shared + (second ? 0 : BLoader::kSize);
      a_whole += ALoader::kSize;
      if (!kWhole) a_loader.advance();
      if (kWhole && last) {
        b_loader.start(b, t.b_bases, next_column0);
      } else {
        b_loader.advance();
      }
#pragma unroll
      for (int octet = 0; octet < kOctets; ++octet) {
        Piece<A> a_pieces[kAUnits];
        Piece<B> b_pieces[kBUnits];
        if (more) {
#pragma unroll
          for (int i = 0; i < kAUnits; ++i) {
            const int unit = i * kOctets + octet;
            if (!kWhole && unit < ALoader::kMine) {
              a_loader.read(a_pieces[i], unit, t.a_offsets, k0);
            }
          }
#pragma unroll
          for (int i = 0; i < kBUnits; ++i) {
            const int unit = i * kOctets + kOctets - 1 - octet;
            if (unit < BLoader::kMine) b_loader.read(b_pieces[i], unit, t.b_offsets, k0);
          }
        }
#pragma unroll
        for (int word = octet * ALoader::kWords; word < (octet + 1) * ALoader::kWords; ++word) {
          sums.add(a_now + ALoader::place(word), b_now + BLoader::place(word), kTileN / 2);
        }
        if (more) {
#pragma unroll
          for (int i = 0; i < kAUnits; ++i) {
            const int unit = i * kOctets + octet;
            if (!kWhole && unit < ALoader::kMine) a_loader.write(a_next, a_pieces[i], unit, norms);
          }
#pragma unroll
          for (int i = 0; i < kBUnits; ++i) {
            const int unit = i * kOctets + kOctets - 1 - octet;
            if (unit < BLoader::kMine) b_loader.write(b_next, b_pieces[i], unit, nullptr);
          }
        }
      }
      if (more) __syncthreads();
      if (last || segment % kSegmentsTogether == kSegmentsTogether - 1) sums.end();
    }
  }

  // Block `number` of all of the batch.
  static __device__ __forceinline__ void run(int number, const A* a, const B* b, const R* residual,
                                             O* out, const GemmSimtPointers& t) {
    __shared__ __align__(16) Word a_shared[(kWhole ? kSegments : 2) * ALoader::kSize];
    __shared__ __align__(16) Word b_shared[2 * BLoader::kSize];
    __shared__ __align__(16) Norm norms[C::kNormalize ? kTileM : 1];
    const int tile = number % (kTilesM * kColumnGroups);
    const int row0 = tile % kTilesM * kTileM;
    const int first_column = tile / kTilesM * C::kColumnTiles * kTileN;
    const long long batch = number / (kTilesM * kColumnGroups);
    a += batch * C::AView::kBatchStride;
    b += batch * C::BView::kBatchStride;
    residual += batch * C::RView::kBatchStride;
    out += batch * C::OView::kBatchStride;
    wait_for_previous();
    if (C::kNormalize) find_norms(norms, a, t, row0);

    ALoader a_loader;
    BLoader b_loader;
    a_loader.start(a, t.a_bases, row0);
    b_loader.start(b, t.b_bases, first_column);
#pragma unroll
    for (int segment = 0; segment < (kWhole ? kSegments : 1); ++segment) {
      if (segment > 0) a_loader.advance();
      a_loader.copy(a_shared + segment * ALoader::kSize, t.a_offsets, segment * C::kSegment, norms);
    }
    b_loader.copy(b_shared, t.b_offsets, 0, nullptr);
    __syncthreads();

#pragma unroll 1
    for (int i = 0; i < C::kColumnTiles; ++i) {
      const int column0 = first_column + i * kTileN, next = column0 + kTileN;
      const bool more = i + 1 < C::kColumnTiles && next < C::kN;
      Sums sums;
      sum(sums, a_shared, b_shared, i * kSegments, a_loader, b_loader, b, t, norms,
          more ? next : C::kN);
      if (!more) let_next_start();
      finish(sums, norms, residual, out, t, row0, column0);
      if (!more) break;
    }
  }
};

// All blocks on multiprocessor 0, one after another for each that runs there; `next` is 0 before.
template <class C>
__device__ __forceinline__ void run_on_one(int tiles, const typename C::A* a,
                                           const typename C::B* b, const typename C::R* residual,
                                           typename C::O* out, const GemmSimtPointers& t,
                                           int* next) {
  __shared__ int tile;
  if (multiprocessor() != 0) return;
  for (;;) {
    __syncthreads();
    if (threadIdx.x == 0) tile = atomicAdd(next, 1);
    __syncthreads();
    if (tile >= tiles) return;
    GemmSimt<C>::run(tile, a, b, residual, out, t);
  }
}
