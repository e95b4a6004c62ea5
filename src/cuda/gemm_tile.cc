#include "cuda/gemm_tile.h"

#include <algorithm>
#include <array>
#include <bit>

#include "cuda/tuning.h"

namespace nitro::cuda {
namespace {

/// What one multiprocessor does in a cycle, so that the estimates rank tiles as an H100 does.
struct Rates {
  double products = 0;
  double bytes = 0;
};
constexpr Rates kMma{800, 50}, kPanelMma{250, 32}, kPanelWgmma{2000, 32};
constexpr double kCyclesPerElement = 0.15;  // of the output
/// Until the sums of the other blocks of a cluster are there, by their number.
constexpr double cluster_cycles(int64_t cluster) {
  return cluster == 1 ? 0 : cluster == 2 ? 1300 : 5000;
}

constexpr int64_t kLongestSegment = 256;

/// Rows, columns and warps of the tiles to choose from.
constexpr std::array kTiles = {
    GemmTile{32, 32, 0, 0, 1, 1, 8},  GemmTile{32, 48, 0, 0, 1, 1, 8},
    GemmTile{32, 64, 0, 0, 2, 2, 2},  GemmTile{32, 96, 0, 0, 2, 2, 2},
    GemmTile{64, 32, 0, 0, 2, 1, 4},  GemmTile{64, 64, 0, 0, 2, 2, 2},
    GemmTile{64, 96, 0, 0, 2, 2, 2},  GemmTile{64, 128, 0, 0, 2, 4, 1},
    GemmTile{128, 64, 0, 0, 4, 2, 1}, GemmTile{128, 96, 0, 0, 4, 2, 1},
};
constexpr std::array kPanelTiles = {
    GemmTile{16, 16, 0, 0, 1, 1, 4}, GemmTile{16, 32, 0, 0, 1, 2, 2},
    GemmTile{16, 32, 0, 0, 1, 2, 1}, GemmTile{16, 48, 0, 0, 1, 1, 4},
    GemmTile{16, 48, 0, 0, 1, 3, 1}, GemmTile{16, 64, 0, 0, 1, 4, 1},
    GemmTile{32, 16, 0, 0, 2, 1, 2}, GemmTile{32, 32, 0, 0, 2, 2, 1},
    GemmTile{32, 48, 0, 0, 2, 1, 2}, GemmTile{32, 48, 0, 0, 2, 3, 1},
    GemmTile{32, 64, 0, 0, 2, 2, 1}, GemmTile{32, 96, 0, 0, 2, 2, 2},
    GemmTile{32, 96, 0, 0, 2, 3, 1},
};
constexpr int64_t kWgmmaRows = 64, kWgmmaColumns = 16, kMostWgmmaColumns = 256;

int64_t round_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

int64_t blocks(const plan::Gemm& gemm, const GemmTile& tile) {
  return (gemm.m + tile.m - 1) / tile.m * ((gemm.n + tile.n - 1) / tile.n) * gemm.batch *
         tile.cluster;
}

double cycles(const plan::Gemm& gemm, const GemmTile& tile, const Target& target) {
  const Rates rates = !tile.panels ? kMma : tile.wgmma ? kPanelWgmma : kPanelMma;
  const double k = static_cast<double>(gemm.k) / static_cast<double>(tile.cluster);
  const double products = static_cast<double>(tile.m * tile.n) * k / rates.products;
  const double bytes = static_cast<double>((tile.m + tile.n) * 2) * k / rates.bytes;
  const int64_t turns = (blocks(gemm, tile) + target.multiprocessors - 1) / target.multiprocessors;
  return static_cast<double>(turns) * (std::max(products, bytes) +
                                       kCyclesPerElement * static_cast<double>(tile.m * tile.n)) +
         cluster_cycles(tile.cluster);
}

/// The largest divisor of k that is a multiple of 16 and at most `longest`; 0 where there is none.
int64_t segment_of(int64_t k, int64_t longest) {
  for (int64_t segment = std::min(k, longest) / 16 * 16; segment >= 16; segment -= 16) {
    if (k % segment == 0) return segment;
  }
  return 0;
}

/// Whether the same power of two of threads can have each row's statistics.
bool shares_rows(const GemmTile& tile) {
  return tile.threads() % tile.m == 0 &&
         std::has_single_bit(static_cast<uint64_t>(tile.threads() / tile.m));
}

/// Fills in segment and stages; false where the tile does not fit the product or the device.
bool fit(GemmTile& tile, const plan::Gemm& gemm, const Target& target) {
  tile.segment = segment_of(gemm.k, kLongestSegment);
  while (tile.warps_k > 1 && tile.warps_k * 16 > tile.segment) tile.warps_k /= 2;
  if (gemm.normalize && !shares_rows(tile)) return false;
  for (tile.stages = gemm.k / tile.segment; tile.stages >= 2; --tile.stages) {
    if (shared_bytes(tile) <= target.shared_bytes_per_block) return true;
  }
  tile.stages = 1;
  return tile.segment == gemm.k && shared_bytes(tile) <= target.shared_bytes_per_block;
}

/// The same for panels: all segments at once, or enough stages to keep copies on their way.
bool fit_panels(GemmTile& tile, const plan::Gemm& gemm, const Target& target) {
  constexpr int64_t kEnoughStages = 4;
  if (gemm.k % (16 * tile.cluster) != 0) return false;
  if (gemm.normalize && !shares_rows(tile)) return false;
  if (tile.cluster > 1 && gemm.normalize && gemm.row_parts_in == plan::kNoBuffer) return false;
  const int64_t k = gemm.k / tile.cluster;
  int64_t longest = std::clamp<int64_t>(k / 3, 128, kLongestSegment);
  for (; longest >= 16; longest = tile.segment - 16) {
    tile.segment = segment_of(k, longest);
    if (tile.segment == 0) return false;
    tile.stages = k / tile.segment;
    while (tile.stages > kEnoughStages && shared_bytes(tile) > target.shared_bytes_per_block)
      --tile.stages;
    if (shared_bytes(tile) <= target.shared_bytes_per_block) break;
  }
  return longest >= 16 && tile.warps_k * 16 <= tile.segment;
}

std::vector<GemmTile> panel_candidates(const Target& target) {
  std::vector<GemmTile> candidates;
  for (const int64_t cluster : {1, 2, 4}) {
    const auto add = [&](GemmTile tile) {
      tile.panels = true;
      tile.cluster = cluster;
      candidates.push_back(tile);
    };
    for (const GemmTile& tile : kPanelTiles) add(tile);
    if (!target.wgmma) continue;
    for (int64_t n = kWgmmaColumns; n <= kMostWgmmaColumns; n += kWgmmaColumns) {
      add({.m = kWgmmaRows, .n = n, .warps_m = 4, .wgmma = true});
    }
  }
  return candidates;
}

bool on_tensor_cores(const plan::Plan& plan, const plan::Gemm& gemm, const Target& target) {
  const DType a = plan.buffers[gemm.a.buffer].type.dtype,
              b = plan.buffers[gemm.b.buffer].type.dtype;
  const bool rounds = a == DType::kF16 || plan.precision == plan::Precision::kF16;
  const bool halves = b == DType::kF16 || (is_byte(b) && is_float(a) && rounds);
  return target.compute_capability >= 80 && (gemm.pairs || halves) &&
         gemm.wide != plan::Wide::kOperands && gemm.k % 16 == 0 &&
         (!gemm.normalize || gemm.column_sums != plan::kNoBuffer);
}

std::optional<GemmTile> chosen(const plan::Gemm& gemm, const std::vector<GemmTile>& tiles,
                               const Target& target) {
  if (tiles.empty()) return std::nullopt;
  const std::optional<GemmTile> tuned =
      target.tuning && !gemm.pairs ? target.tuning->tile(gemm, tiles[0].panels) : std::nullopt;
  return tuned && std::ranges::find(tiles, *tuned) != tiles.end() ? *tuned : tiles[0];
}

}  // namespace

int64_t shared_bytes(const GemmTile& tile) {
  const int64_t sums = tile.warps_k * tile.cluster * tile.m * (tile.n + 4) * 4;
  if (tile.panels) {
    const int64_t buffers = tile.stages * (tile.m + tile.n) * tile.segment * 2;
    const int64_t large = tile.cluster > 1 ? buffers + sums : std::max(buffers, sums);
    return large + (2 * tile.n + 2 * tile.m) * 4 + tile.stages * 8;
  }
  const int64_t buffers = tile.stages * (tile.m + tile.n) * (tile.segment + 8) * 2;
  return std::max(buffers, sums) + (3 * tile.n + 3 * tile.m) * 4 + tile.stages * 8;
}

std::vector<GemmTile> gemm_tiles(const plan::Plan& plan, const plan::Gemm& gemm,
                                 const Target& target, bool panels) {
  if (!on_tensor_cores(plan, gemm, target)) return {};
  const bool can_have_panels = target.compute_capability >= 90 && gemm.batch == 1 &&
                               plan.buffers[gemm.a.buffer].type.dtype == DType::kF16 &&
                               plan.buffers[gemm.b.buffer].type.dtype == DType::kF16;
  if (panels && !can_have_panels) return {};
  std::vector<std::pair<double, GemmTile>> fitting;
  const auto consider = [&](const auto& candidates) {
    for (GemmTile tile : candidates) {
      if (gemm.row_parts_out != plan::kNoBuffer && tile.n % plan::kRowPart != 0) continue;
      if (tile.n > round_up(gemm.n, 16) && tile.n > 32) continue;
      if (!(panels ? fit_panels(tile, gemm, target) : fit(tile, gemm, target))) continue;
      fitting.emplace_back(cycles(gemm, tile, target), tile);
    }
  };
  if (panels) {
    consider(panel_candidates(target));
  } else {
    consider(kTiles);
  }
  std::ranges::stable_sort(fitting, {}, &std::pair<double, GemmTile>::first);
  std::vector<GemmTile> tiles;
  for (const auto& [time, tile] : fitting) tiles.push_back(tile);
  return tiles;
}

std::optional<GemmTile> gemm_tile(const plan::Plan& plan, const plan::Gemm& gemm,
                                  const Target& target) {
  const bool panels = gemm.a.panel_rows > 0 && gemm.a.bases == plan::kNoBuffer;
  std::vector<GemmTile> tiles = gemm_tiles(plan, gemm, target, panels);
  if (panels)
    std::erase_if(tiles, [&](const GemmTile& tile) { return tile.m != gemm.a.panel_rows; });
  return chosen(gemm, tiles, target);
}

std::optional<GemmTile> panel_tile(const plan::Plan& plan, const plan::Gemm& gemm,
                                   const Target& target) {
  return chosen(gemm, gemm_tiles(plan, gemm, target, true), target);
}

}  // namespace nitro::cuda
