#include "cuda/gemm_tile.h"

#include <algorithm>
#include <array>

namespace nitro::cuda {
namespace {

/// Rows, columns and warps of the tiles to choose from.
constexpr std::array kShapes = {
    GemmTile{32, 32, 0, 0, 1, 1, 8}, GemmTile{32, 48, 0, 0, 1, 1, 8},
    GemmTile{32, 64, 0, 0, 2, 2, 2}, GemmTile{32, 96, 0, 0, 2, 2, 2},
    GemmTile{64, 32, 0, 0, 2, 1, 4}, GemmTile{64, 64, 0, 0, 2, 2, 2},
    GemmTile{64, 96, 0, 0, 2, 2, 2}, GemmTile{64, 128, 0, 0, 2, 4, 1},
    GemmTile{128, 64, 0, 0, 4, 2, 1}, GemmTile{128, 96, 0, 0, 4, 2, 1},
};
constexpr int64_t kLongestSegment = 256;
// What one multiprocessor does in a cycle: measured on an H100.
constexpr double kProductsPerCycle = 800;
constexpr double kBytesPerCycle = 50;
constexpr double kCyclesPerElement = 0.15;  // of the output

/// The largest divisor of k that is a multiple of 16 and short enough to be copied while others are
/// multiplied.
int64_t segment_of(int64_t k) {
  for (int64_t segment = std::min(k, kLongestSegment); segment >= 16; segment -= 16) {
    if (k % segment == 0 && segment % 16 == 0) return segment;
  }
  return 0;
}

double cycles(const plan::Gemm& gemm, const GemmTile& tile, const Target& target) {
  const int64_t blocks = (gemm.m + tile.m - 1) / tile.m * ((gemm.n + tile.n - 1) / tile.n) * gemm.batch;
  const double products = static_cast<double>(tile.m * tile.n * gemm.k) / kProductsPerCycle;
  const double bytes = static_cast<double>((tile.m + tile.n) * gemm.k * 2) / kBytesPerCycle;
  const int64_t turns = (blocks + target.multiprocessors - 1) / target.multiprocessors;
  return static_cast<double>(turns) *
         (std::max(products, bytes) + kCyclesPerElement * static_cast<double>(tile.m * tile.n));
}

/// Fills in segment and stages; false where the tile does not fit the product or the device.
bool fit(GemmTile& tile, const plan::Gemm& gemm, const Target& target) {
  tile.segment = segment_of(gemm.k);
  while (tile.warps_k > 1 && tile.warps_k * 16 > tile.segment) tile.warps_k /= 2;
  if (gemm.row_parts_out != plan::kNoBuffer && tile.n % 32 != 0) return false;
  for (tile.stages = gemm.k / tile.segment; tile.stages >= 2; --tile.stages) {
    if (shared_bytes(tile) <= target.shared_bytes_per_block) return true;
  }
  tile.stages = 1;
  return tile.segment == gemm.k && shared_bytes(tile) <= target.shared_bytes_per_block;
}

}  // namespace

int64_t shared_bytes(const GemmTile& tile) {
  const int64_t buffers = tile.stages * (tile.m + tile.n) * (tile.segment + 8) * 2;
  const int64_t sums = tile.warps_k * tile.m * (tile.n + 4) * 4;
  return std::max(buffers, sums) + (3 * tile.n + 3 * tile.m) * 4 + tile.stages * 8;
}

std::optional<GemmTile> gemm_tile(const plan::Plan& plan, const plan::Gemm& gemm,
                                  const Target& target) {
  const bool f16_weights = plan.buffers[gemm.b.buffer].type.dtype == DType::kF16;
  if (target.compute_capability < 80 || !f16_weights || gemm.k % 16 != 0) return std::nullopt;
  std::optional<GemmTile> best;
  double least = 0;
  for (GemmTile tile : kShapes) {
    if (!fit(tile, gemm, target)) continue;
    const double time = cycles(gemm, tile, target);
    if (!best || time < least) {
      best = tile;
      least = time;
    }
  }
  return best;
}

}  // namespace nitro::cuda
