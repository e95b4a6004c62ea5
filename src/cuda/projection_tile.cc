#include "cuda/projection_tile.h"

#include <algorithm>

#include "cuda/attention_tile.h"

namespace nitro::cuda {
namespace {

constexpr int64_t kRows = 64, kMostColumns = 256, kLongestSegment = 256, kEnoughStages = 3;

bool only_projects(const plan::Gemm& gemm) {
  return gemm.batch == 1 && gemm.residual.buffer == plan::kNoBuffer && gemm.k % 16 == 0 &&
         gemm.activation == plan::Activation::kNone && gemm.row_parts_out == plan::kNoBuffer &&
         (!gemm.normalize || gemm.column_sums != plan::kNoBuffer);
}

bool whole_heads(const plan::Attention& of, int64_t columns) {
  return of.queries == of.keys && of.keys <= kRows && of.heads == of.key_heads &&
         of.head_dim % 16 == 0 && of.value_dim % 16 == 0 && columns <= kMostColumns;
}

}  // namespace

std::optional<GemmTile> projection_tile(const plan::Plan& plan, const plan::WindowAttention& both,
                                        const Target& target) {
  const plan::Gemm& gemm = both.projection;
  const plan::Attention& attention = both.attention;
  const int64_t columns = 2 * attention.head_dim + attention.value_dim;
  const std::optional<AttentionTile> heads = attention_tile(plan, attention, target);
  if (!target.wgmma || !only_projects(gemm) || !whole_heads(attention, columns) || !heads ||
      heads->query_warps != 4 || heads->key_warps != 1 ||
      plan.buffers[gemm.a.buffer].type.dtype != DType::kF16 ||
      plan.buffers[gemm.b.buffer].type.dtype != DType::kF16) {
    return std::nullopt;
  }
  GemmTile tile{.m = kRows, .n = columns, .warps_m = 4, .panels = true, .wgmma = true};
  for (tile.segment = std::min(gemm.k, kLongestSegment) / 16 * 16; tile.segment >= 16;
       tile.segment -= 16) {
    if (gemm.k % tile.segment != 0) continue;
    tile.stages = gemm.k / tile.segment;
    while (tile.stages > kEnoughStages && shared_bytes(both, tile) > target.shared_bytes_per_block)
      --tile.stages;
    if (shared_bytes(both, tile) <= target.shared_bytes_per_block) return tile;
  }
  return std::nullopt;
}

int64_t shared_bytes(const plan::WindowAttention& both, const GemmTile& tile) {
  const int64_t halves = tile.stages * (tile.m + tile.n) * tile.segment +
                         kRows * (both.attention.head_dim + both.attention.value_dim);
  return halves * 2 + (2 * tile.n + 2 * tile.m) * 4 + tile.stages * 8;
}

}  // namespace nitro::cuda
