#include "cuda/attention_tile.h"

#include <algorithm>
#include <array>

namespace nitro::cuda {
namespace {

constexpr int64_t kLongestPiece = 112;  // more scores do not fit a thread's registers
constexpr int64_t kFewKeys = 64;
constexpr int64_t kBarrierBytes = 16;

int64_t round_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

AttentionTile tile_for(const plan::Attention& attention, const Target& target) {
  AttentionTile tile;
  if (attention.keys > kFewKeys) {
    // From panels, keys and values come fast enough for more warps; small blocks while there is
    // room.
    tile.key_warps = attention.panel_rows > 0 ? 4 : 2;
    const int64_t tiles = attention.batch * attention.heads * ((attention.queries + 15) / 16);
    tile.query_warps = attention.panel_rows > 0 && tiles <= target.multiprocessors ? 1 : 2;
  }
  const int64_t each = (attention.keys + tile.key_warps - 1) / tile.key_warps;
  const int64_t pieces = (round_up(each, 16) + kLongestPiece - 1) / kLongestPiece;
  tile.piece = round_up((each + pieces - 1) / pieces, 16);
  tile.keys_each = tile.piece * pieces;
  return tile;
}

bool all_f16(const plan::Plan& plan, const plan::Attention& attention) {
  return std::ranges::all_of(std::array{attention.q, attention.k, attention.v, attention.out},
                             [&](const plan::HeadView& view) {
                               return view.buffer == plan::kNoBuffer ||
                                      plan.buffers[view.buffer].type.dtype == DType::kF16;
                             });
}

}  // namespace

std::optional<AttentionTile> attention_tile(const plan::Plan& plan,
                                            const plan::Attention& attention,
                                            const Target& target) {
  if (target.compute_capability < 80 || !all_f16(plan, attention)) return std::nullopt;
  const AttentionTile tile = tile_for(attention, target);
  if (attention.panel_rows > 0 &&
      (target.compute_capability < 90 || attention.head_dim % 16 != 0 ||
       attention.value_dim % 16 != 0 ||
       tile.key_warps * tile.keys_each > round_up(attention.keys, attention.panel_rows))) {
    return std::nullopt;
  }
  if (shared_bytes(attention, tile) > target.shared_bytes_per_block) return std::nullopt;
  return tile;
}

int64_t shared_bytes(const plan::Attention& attention, const AttentionTile& tile) {
  const int64_t dim = round_up(attention.head_dim, 16) + 8,
                out = round_up(attention.value_dim, 16) + 8;
  const int64_t keys = tile.key_warps * tile.keys_each;
  int64_t operands = (tile.query_warps * 16 + keys) * dim * 2 + keys * out * 2;
  if (attention.panel_rows > 0) {
    const int64_t rows = round_up(attention.keys, attention.panel_rows);
    operands = rows * (attention.head_dim + attention.value_dim) * 2 + kBarrierBytes;
  }
  const int64_t parts = tile.key_warps * tile.query_warps * 32 * ((out - 8) / 2 + 4) * 4;
  return std::max(operands, tile.key_warps > 1 ? parts : 0);
}

bool in_pieces(const plan::Attention& attention) {
  const auto aligned = [](const plan::HeadView& view) {
    return view.start % 8 == 0 && view.batch_stride % 8 == 0 && view.head_stride % 8 == 0 &&
           view.token_stride % 8 == 0;
  };
  return aligned(attention.q) && aligned(attention.k) && aligned(attention.v) &&
         aligned(attention.out) && attention.head_dim % 8 == 0 && attention.value_dim % 8 == 0;
}

}  // namespace nitro::cuda
