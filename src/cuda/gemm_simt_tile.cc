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
int64_t registers_each(const GemmSimtTile& tile, int64_t bytes) {
  return 62 + tile.rows_each * (bytes == 2 ? 18 : 9);
}

int64_t shared_bytes(const plan::Gemm& gemm, const GemmSimtTile& tile, int64_t bytes) {
  const int64_t rows = tile.thread_rows * (tile.rows_each <= 4 ? 4 : 8);
  const int64_t segments = tile.column_tiles > 1 ? divided_up(gemm.k, tile.segment) : 2;
  const int64_t elements = tile.segment * (segments * rows + 2 * tile.n());
  return elements * bytes + (segments + 2) * 128 + tile.m() * 16 + 64;
}

// Times are in instructions that a scheduler issues. Their numbers were counted in the code, then
// fitted to times of 120 tiles of each of six products on one multiprocessor of an H100; those of
// normalising were doubled for tiles in turn, which were not among them.

/// For a thread's share of 8 of k of `rows`.
double load_time(int64_t rows, const GemmSimtTile& tile, int64_t bytes, bool normalize) {
  const double each = (bytes < 4 ? 13 : 17) + (normalize ? 80 : 0);
  return each * static_cast<double>(rows) / static_cast<double>(tile.threads());
}

/// Of a thread for its part of a tile, but for what time_of_rows() is.
double time_of_tile(const plan::Gemm& gemm, const GemmSimtTile& tile, int64_t bytes) {
  const auto outputs = static_cast<double>(tile.rows_each * 8);
  const double each_word = outputs + 6;
  const double words = static_cast<double>(tile.segment * bytes / 4);
  const double sums = bytes == 2 ? 5 * outputs * static_cast<double>(tile.segment) / 128 : 0;
  const auto segments = static_cast<double>(divided_up(gemm.k, tile.segment));
  const double each_output = gemm.activation == plan::Activation::kNone ? 5 : 20;
  const double load =
      static_cast<double>(tile.segment / 8) * load_time(tile.n(), tile, bytes, false);
  return segments * (words * each_word + sums + 12 + load) + each_output * outputs + 150;
}

/// Of a thread to normalise a block's rows and bring them to shared memory.
double time_of_rows(const plan::Gemm& gemm, const GemmSimtTile& tile, int64_t bytes) {
  const auto octets = static_cast<double>(divided_up(gemm.k, 8));
  const double statistics = gemm.normalize ? 20 * static_cast<double>(tile.m() * gemm.k) /
                                                 static_cast<double>(tile.threads())
                                           : 0;
  return octets * load_time(tile.m(), tile, bytes, gemm.normalize) + statistics;
}

double time_alone(const plan::Gemm& gemm, const GemmSimtTile& tile, int64_t bytes) {
  return time_of_rows(gemm, tile, bytes) +
         static_cast<double>(tile.column_tiles) * time_of_tile(gemm, tile, bytes);
}

/// Of `blocks` that run together. Few warps leave a scheduler waiting.
double time_together(int64_t blocks, const GemmSimtTile& tile, double each) {
  const auto warps = static_cast<double>(divided_up(blocks * tile.threads() / 32, 4));
  return each * (warps + 0.4 / warps);
}

double time_of(const plan::Gemm& gemm, const GemmSimtTile& tile, int64_t bytes,
               const Target& target) {
  const int64_t blocks = divided_up(tile.blocks(gemm), target.multiprocessors);
  const int64_t shared = std::max(kLeastSharedOfMultiprocessor, target.shared_bytes_per_block);
  const int64_t together =
      std::max<int64_t>(1, std::min((64 << 10) / registers_each(tile, bytes) / tile.threads(),
                                    shared / shared_bytes(gemm, tile, bytes)));
  const double each = time_alone(gemm, tile, bytes);
  double time = static_cast<double>(blocks / together) * time_together(together, tile, each);
  if (blocks % together > 0) time += time_together(blocks % together, tile, each);
  return time;
}

}  // namespace

int64_t GemmSimtTile::blocks(const plan::Gemm& gemm) const {
  return divided_up(gemm.m, m()) * divided_up(gemm.n, n() * column_tiles) * gemm.batch;
}

GemmSimtTile gemm_simt_tile(const plan::Gemm& gemm, int64_t bytes, const Target& target) {
  const int64_t segment = bytes < 4 ? 64 / bytes : 8;
  GemmSimtTile best;
  double least = 0;
  const auto consider = [&](const GemmSimtTile& tile) {
    if (tile.threads() % 32 != 0 || shared_bytes(gemm, tile, bytes) > kSharedOfBlock) return;
    const double time = time_of(gemm, tile, bytes, target);
    if (least > 0 && time >= least) return;
    best = tile;
    least = time;
  };
  for (int64_t rows_each : {8, 7, 6, 5, 4}) {
    for (int64_t thread_columns : {8, 12, 16, 24, 32, 4}) {
      // Narrow tiles read much for what they multiply, with many pointers.
      if (thread_columns < 8 && gemm.n > thread_columns * 8) continue;
      const int64_t most_in_turn = gemm.normalize ? divided_up(gemm.n, thread_columns * 8) : 1;
      for (int64_t thread_rows = 1; thread_rows * thread_columns <= kMostThreads; ++thread_rows) {
        for (int64_t in_turn = 1; in_turn <= most_in_turn; ++in_turn)
          consider({rows_each, thread_rows, thread_columns, segment, in_turn});
      }
    }
  }
  return best;
}

}  // namespace nitro::cuda
