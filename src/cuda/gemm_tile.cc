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

/// Rows of both operands in shared memory, then what the threads of a tile tell each other.
int64_t shared_bytes_mma(const GemmTile& tile) {
  const int64_t buffers = tile.stages * (tile.m + tile.n) * (tile.segment + 8) * 2;
  const int64_t sums = tile.warps_k * tile.m * (tile.n + 4) * 4;
  return std::max(buffers, sums) + (3 * tile.n + 3 * tile.m) * 4 + tile.stages * 8;
}

int64_t shared_bytes_wgmma(const GemmTile& tile) {
  const int64_t buffers = tile.stages * (tile.m + tile.n) * tile.segment * 2;
  const int64_t sums = tile.m * (tile.n + 4) * 4;
  return std::max(buffers, sums) + (2 * tile.n + 2 * tile.m) * 4 + tile.stages * 8;
}

/// Fills in segment and stages; false where the tile does not fit the product or the device.
bool fit(GemmTile& tile, const plan::Gemm& gemm, const Target& target) {
  tile.segment = segment_of(gemm.k);
  while (tile.warps_k > 1 && tile.warps_k * 16 > tile.segment) tile.warps_k /= 2;
  if (gemm.row_parts_out != plan::kNoBuffer && tile.n % plan::kRowPart != 0) return false;
  if (gemm.normalize && tile.threads() % tile.m != 0) return false;
  for (tile.stages = gemm.k / tile.segment; tile.stages >= 2; --tile.stages) {
    if (shared_bytes(tile) <= target.shared_bytes_per_block) return true;
  }
  tile.stages = 1;
  return tile.segment == gemm.k && shared_bytes(tile) <= target.shared_bytes_per_block;
}

/// The same for the wgmma kernel: all segments at once, or enough stages to keep copies on their way.
bool fit_wgmma(GemmTile& tile, const plan::Gemm& gemm, const Target& target) {
  constexpr int64_t kEnoughStages = 4;
  const int64_t longest = std::clamp<int64_t>(gemm.k / 3, 128, kLongestSegment);
  for (tile.segment = std::min(gemm.k, longest); tile.segment >= 16; tile.segment -= 16) {
    if (gemm.k % tile.segment != 0) continue;
    tile.stages = gemm.k / tile.segment;
    while (tile.stages > kEnoughStages && shared_bytes(tile) > target.shared_bytes_per_block) --tile.stages;
    if (shared_bytes(tile) <= target.shared_bytes_per_block) return true;
  }
  return false;
}

bool on_tensor_cores(const plan::Plan& plan, const plan::Gemm& gemm) {
  return plan.buffers[gemm.b.buffer].type.dtype == DType::kF16 && gemm.k % 16 == 0 &&
         (!gemm.normalize || gemm.column_sums != plan::kNoBuffer);
}

/// Cycles of the busiest multiprocessor.
double cycles_wgmma(const plan::Gemm& gemm, const GemmTile& tile, const Target& target) {
  constexpr double kWgmmaProducts = 2000, kWgmmaBytes = 32;
  const int64_t blocks = (gemm.m + tile.m - 1) / tile.m * ((gemm.n + tile.n - 1) / tile.n);
  const double products = static_cast<double>(tile.m * tile.n * gemm.k) / kWgmmaProducts;
  const double bytes = static_cast<double>((tile.m + tile.n) * gemm.k * 2) / kWgmmaBytes;
  const int64_t turns = (blocks + target.multiprocessors - 1) / target.multiprocessors;
  return static_cast<double>(turns) *
         (std::max(products, bytes) + kCyclesPerElement * static_cast<double>(tile.m * tile.n));
}

}  // namespace

int64_t shared_bytes(const GemmTile& tile) {
  return tile.wgmma ? shared_bytes_wgmma(tile) : shared_bytes_mma(tile);
}

std::optional<GemmTile> wgmma_tile(const plan::Plan& plan, const plan::Gemm& gemm, const Target& target) {
  constexpr int64_t kLeast = 32, kStep = 16, kMost = 256;  // columns
  if (!target.wgmma || !on_tensor_cores(plan, gemm) || gemm.batch != 1 ||
      plan.buffers[gemm.a.buffer].type.dtype != DType::kF16) {
    return std::nullopt;
  }
  std::optional<GemmTile> best;
  double least = 0;
  for (int64_t n = kLeast; n <= kMost; n += kStep) {
    GemmTile tile{plan::kPanelRows, n, 0, 0, 4, 1, 1, true};
    if (!fit_wgmma(tile, gemm, target)) continue;
    const double time = cycles_wgmma(gemm, tile, target);
    if (!best || time < least) {
      best = tile;
      least = time;
    }
  }
  return best;
}

std::optional<GemmTile> gemm_tile(const plan::Plan& plan, const plan::Gemm& gemm, const Target& target) {
  if (gemm.a.panel && gemm.a.bases == plan::kNoBuffer) return wgmma_tile(plan, gemm, target);
  if (target.compute_capability < 80 || !on_tensor_cores(plan, gemm)) return std::nullopt;
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
