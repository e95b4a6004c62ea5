#include "cuda/gemm_simt_tile.h"

#include <algorithm>
#include <cmath>

namespace nitro::cuda {
namespace {

constexpr int64_t kLeastSharedOfMultiprocessor = 64 << 10;
constexpr int64_t kSharedOfBlock = 48 << 10;
constexpr int64_t kMostThreads = 128;  // more would have fewer registers on the oldest devices

int64_t divided_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit; }

/// About what a thread needs.
int64_t registers_each(const GemmSimtTile& tile, bool halves) {
  return 62 + tile.rows_each * (halves ? 18 : 9);
}

int64_t shared_bytes(const GemmSimtTile& tile, bool halves) {
  const int64_t rows = tile.thread_rows * (tile.rows_each <= 4 ? 4 : 8) + tile.n();
  return 2 * tile.segment * rows * (halves ? 2 : 4) + 1024 + tile.m() * 16;
}

/// Time of a thread to bring its share of a segment to shared memory, in issued instructions; this
/// and the numbers below were fitted to times of 120 tiles of each of six products on one
/// multiprocessor of an H100, from what was counted in the code.
double load_time(const plan::Gemm& gemm, const GemmSimtTile& tile, bool halves) {
  const int64_t octets = tile.segment / 8;
  const auto a_units = static_cast<double>(tile.m() * octets);
  const auto b_units = static_cast<double>(tile.n() * octets);
  const double each = halves ? 13 : 17, normalized = gemm.normalize ? 40 : 0;
  return (a_units * (each + normalized) + b_units * each) / static_cast<double>(tile.threads());
}

/// The same for all of its part of the tile.
double time_alone(const plan::Gemm& gemm, const GemmSimtTile& tile, bool halves) {
  const auto outputs = static_cast<double>(tile.rows_each * 8);
  const double each_word = outputs + 6;
  const double words = static_cast<double>(tile.segment) / (halves ? 2 : 1);
  const double sums = halves ? 5 * outputs * static_cast<double>(tile.segment) / 128 : 0;
  const auto segments = static_cast<double>(divided_up(gemm.k, tile.segment));
  const double statistics = gemm.normalize ? 14 * static_cast<double>(tile.m() * gemm.k) /
                                                 static_cast<double>(tile.threads())
                                           : 0;
  const double each_output = gemm.activation == plan::Activation::kNone ? 5 : 20;
  return segments * (words * each_word + sums + 12 + load_time(gemm, tile, halves)) + statistics +
         each_output * outputs + 150;
}

/// Time of `blocks` that run together, in issued instructions of a scheduler. Few warps leave it
/// waiting.
double time_together(int64_t blocks, const GemmSimtTile& tile, double each) {
  const auto warps = static_cast<double>(divided_up(blocks * tile.threads() / 32, 4));
  return each * (warps + 0.4 / warps);
}

double time_of(const plan::Gemm& gemm, const GemmSimtTile& tile, bool halves,
               const Target& target) {
  const int64_t tiles = divided_up(gemm.m, tile.m()) * divided_up(gemm.n, tile.n()) * gemm.batch;
  const int64_t blocks = divided_up(tiles, target.multiprocessors);
  const int64_t shared = std::max(kLeastSharedOfMultiprocessor, target.shared_bytes_per_block);
  const int64_t together =
      std::max<int64_t>(1, std::min((64 << 10) / registers_each(tile, halves) / tile.threads(),
                                    shared / shared_bytes(tile, halves)));
  const double each = time_alone(gemm, tile, halves);
  double time = static_cast<double>(blocks / together) * time_together(together, tile, each);
  if (blocks % together > 0) time += time_together(blocks % together, tile, each);
  return time;
}

}  // namespace

GemmSimtTile gemm_simt_tile(const plan::Gemm& gemm, bool halves, const Target& target) {
  const int64_t segment = halves ? 32 : 8;
  GemmSimtTile best;
  double least = 0;
  for (int64_t rows_each : {8, 7, 6, 5, 4}) {
    for (int64_t thread_columns : {8, 12, 16, 24, 32, 4}) {
      // Narrow tiles read much for what they multiply, with many pointers.
      if (thread_columns < 8 && gemm.n > thread_columns * 8) continue;
      for (int64_t thread_rows = 1; thread_rows * thread_columns <= kMostThreads; ++thread_rows) {
        const GemmSimtTile tile{rows_each, thread_rows, thread_columns, segment};
        if (tile.threads() % 32 != 0 || shared_bytes(tile, halves) > kSharedOfBlock) continue;
        const double time = time_of(gemm, tile, halves, target);
        if (least > 0 && time >= least) continue;
        best = tile;
        least = time;
      }
    }
  }
  return best;
}

}  // namespace nitro::cuda
