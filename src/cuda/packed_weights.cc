#include "cuda/packed_weights.h"

#include <cstring>
#include <map>
#include <tuple>

#include "cuda/buffer_uses.h"
#include "cuda/projection_tile.h"

namespace nitro::cuda {
namespace {

using plan::BufferId;
using plan::Gemm;

constexpr int64_t kPadding = 8;  // columns that keep the rows of a segment in different banks
constexpr int64_t kPiece = 8;

/// [tiles, segments, tile.n, tile.segment + kPadding]
Tensor packed_in_segments(std::span<const Half> weights, const Gemm& gemm, const GemmTile& tile) {
  const int64_t tiles = (gemm.n + tile.n - 1) / tile.n, segments = gemm.k / tile.segment;
  const int64_t stride = tile.segment + kPadding;
  Tensor result({DType::kF16, {tiles, segments, tile.n, stride}});
  auto to = result.mutable_data<Half>();
  for (int64_t column = 0; column < gemm.n; ++column) {
    for (int64_t segment = 0; segment < segments; ++segment) {
      const int64_t row = (column / tile.n * segments + segment) * tile.n + column % tile.n;
      const Half* source = weights.data() + column * gemm.b.row_stride + segment * tile.segment;
      std::memcpy(to.data() + row * stride, source,
                  static_cast<size_t>(tile.segment) * sizeof(Half));
    }
  }
  return result;
}

/// [tiles, k / 8, tile.n, 8]
Tensor packed_in_pieces(std::span<const Half> weights, const Gemm& gemm, const GemmTile& tile) {
  const int64_t tiles = (gemm.n + tile.n - 1) / tile.n, pieces = gemm.k / kPiece;
  Tensor result({DType::kF16, {tiles, pieces, tile.n, kPiece}});
  auto to = result.mutable_data<Half>();
  for (int64_t column = 0; column < gemm.n; ++column) {
    for (int64_t piece = 0; piece < pieces; ++piece) {
      const int64_t place = (column / tile.n * pieces + piece) * tile.n + column % tile.n;
      const Half* source = weights.data() + column * gemm.b.row_stride + piece * kPiece;
      std::memcpy(to.data() + place * kPiece, source, kPiece * sizeof(Half));
    }
  }
  return result;
}

}  // namespace

bool packable(const plan::Plan& plan, const Gemm& gemm) {
  const plan::MatrixView& b = gemm.b;
  return plan.buffers[b.buffer].constant && plan.buffers[b.buffer].type.dtype == DType::kF16 &&
         gemm.packed_rows == 0 && b.bases == plan::kNoBuffer && b.offsets == plan::kNoBuffer &&
         b.column_stride == 1 && b.batch_stride == 0;
}

void pack_weights(plan::Plan& plan, const Target& target) {
  std::map<std::tuple<BufferId, int64_t, int64_t>, BufferId> done;
  for (plan::Step& step : plan.steps) {
    auto* both = std::get_if<plan::WindowAttention>(&step.kernel);
    Gemm* gemm = both ? &both->projection : std::get_if<Gemm>(&step.kernel);
    if (!gemm || !packable(plan, *gemm)) continue;
    const std::optional<GemmTile> tile =
        both ? projection_tile(plan, *both, target) : gemm_tile(plan, *gemm, target);
    if (!tile) continue;
    const int64_t columns = tile->panels ? 0 : tile->segment;
    auto [place, fresh] = done.try_emplace({gemm->b.buffer, tile->n, columns}, plan::kNoBuffer);
    if (fresh) {
      const Tensor weights = *plan.buffers[gemm->b.buffer].constant;
      const auto halves = weights.data<Half>();
      place->second = add_constant(plan, tile->panels ? packed_in_pieces(halves, *gemm, *tile)
                                                      : packed_in_segments(halves, *gemm, *tile));
    }
    gemm->b.buffer = place->second;
    gemm->packed_rows = tile->n;
    gemm->packed_columns = columns;
  }
}

}  // namespace nitro::cuda
