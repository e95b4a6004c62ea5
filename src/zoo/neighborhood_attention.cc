#include "zoo/neighborhood_attention.h"

#include <algorithm>
#include <limits>

#include "zoo/layers.h"
#include "zoo/swin_windows.h"

namespace nitro::zoo {
namespace {

// One tile's rows of queries, the rows of one query's neighbours, and those of all of the tile's.
constexpr int64_t kTile = kWindow;
constexpr int64_t kNear = kWindow;
constexpr int64_t kSpan = kTile + kNear - 1;
constexpr int64_t kReach = kNear / 2;
constexpr int64_t kQueries = kTile * kTile;
constexpr int64_t kKeys = kSpan * kSpan;
constexpr int64_t kPlaces = 2 * kNear - 1;

struct Position {
  int64_t row = 0;
  int64_t column = 0;
};

Position query_position(int64_t tile, int64_t query, int64_t side) {
  const int64_t across = side / kTile;
  return {tile / across * kTile + query / kTile, tile % across * kTile + query % kTile};
}

/// Of one of the 13x13 keys that hold the neighbours of all queries of the tile.
Position key_position(int64_t tile, int64_t key, int64_t side) {
  const int64_t across = side / kTile;
  const auto first = [&](int64_t of) {
    return std::clamp<int64_t>(of * kTile - kReach, 0, side - kSpan);
  };
  return {first(tile / across) + key / kSpan, first(tile % across) + key % kSpan};
}

/// The number of a token in the order of tiles.
int64_t token_at(Position at, int64_t side) {
  const int64_t tile = at.row / kTile * (side / kTile) + at.column / kTile;
  return tile * kQueries + at.row % kTile * kTile + at.column % kTile;
}

/// Along one axis: the key's position minus the query's, counted from 0; -1 for no neighbour.
int64_t axis_place(int64_t query, int64_t key, int64_t side) {
  const int64_t first = std::clamp<int64_t>(query - kReach, 0, side - kNear);
  return key < first || key >= first + kNear ? -1 : key - query + kNear - 1;
}

/// Of the 13x13 relative positions, or -1 for no neighbour.
int64_t relative_place(Position query, Position key, int64_t side) {
  const int64_t down = axis_place(query.row, key.row, side);
  const int64_t right = axis_place(query.column, key.column, side);
  return down < 0 || right < 0 ? -1 : down * kPlaces + right;
}

/// q, k and v [batch, heads, tokens, head width] of tokens [batch, tokens, width].
Result<ValueId> projected(const ModuleBuilder& module, ValueId tokens, int64_t heads) {
  const Shape shape = module.shape(tokens);
  const ValueId qkv = TRY(linear(module.child("qkv"), tokens, 3 * shape[2]));
  const ValueId split = TRY(reshape(module, qkv, {shape[0], shape[1], 3, heads, shape[2] / heads}));
  return transpose(module, split, {2, 0, 3, 1, 4});
}

/// Bias and mask of the scores: [heads, tiles, 49, 169].
Result<ValueId> score_bias(const ModuleBuilder& module, int64_t heads,
                           const Neighborhoods& tables) {
  const ValueId table =
      TRY(module.parameter("rpb", {heads, kPlaces, kPlaces}, ParameterKind::kScoreBias));
  const ValueId flat = TRY(reshape(module, table, {heads, kPlaces * kPlaces}));
  const ValueId bias = TRY(module.emit(Gather{.axis = 1}, {flat, tables.places}));
  return add(module, bias, tables.mask);
}

/// Tokens in the order of tiles [batch, tokens, width], attending to their neighbours.
Result<ValueId> attended(const ModuleBuilder& module, ValueId tokens, int64_t heads,
                         const Neighborhoods& tables) {
  const Shape shape = module.shape(tokens);
  const int64_t head_width = shape[2] / heads;
  const ValueId stacked = TRY(projected(module, tokens, heads));
  const auto [q, k, v] = TRY(scaled_heads(module, stacked));
  const Shape tiles = {shape[0], heads, shape[1] / kQueries, kQueries, head_width};
  const ValueId queries = TRY(reshape(module, q, tiles));
  const ValueId keys = TRY(module.emit(Gather{.axis = 2}, {k, tables.keys}));
  const ValueId values = TRY(module.emit(Gather{.axis = 2}, {v, tables.keys}));
  const ValueId columns = TRY(transpose(module, keys, {0, 1, 2, 4, 3}));
  const ValueId products = TRY(module.emit(MatMul{}, {queries, columns}));
  const ValueId scores = TRY(add(module, products, TRY(score_bias(module, heads, tables))));
  const ValueId weights = TRY(module.emit(Softmax{.axis = 4}, {scores}));
  const ValueId mixed = TRY(module.emit(MatMul{}, {weights, values}));

  const ValueId by_head = TRY(reshape(module, mixed, {shape[0], heads, shape[1], head_width}));
  return reshape(module, TRY(transpose(module, by_head, {0, 2, 1, 3})), shape);
}

}  // namespace

NeighborhoodTables neighborhood_tables(int64_t side) {
  constexpr double kHidden = -std::numeric_limits<double>::infinity();
  const int64_t tiles = side / kTile * (side / kTile);
  std::vector<int64_t> keys, places;
  std::vector<double> mask;
  for (int64_t tile = 0; tile < tiles; ++tile) {
    for (int64_t key = 0; key < kKeys; ++key)
      keys.push_back(token_at(key_position(tile, key, side), side));
    for (int64_t pair = 0; pair < kQueries * kKeys; ++pair) {
      const Position query = query_position(tile, pair / kKeys, side);
      const int64_t place = relative_place(query, key_position(tile, pair % kKeys, side), side);
      places.push_back(std::max<int64_t>(place, 0));
      mask.push_back(place < 0 ? kHidden : 0);
    }
  }
  return {Tensor::of(DType::kI32, {tiles, kKeys}, keys),
          Tensor::of(DType::kI32, {tiles, kQueries, kKeys}, places),
          Tensor::of(DType::kF32, {tiles, kQueries, kKeys}, mask)};
}

Neighborhoods add_neighborhoods(const ModuleBuilder& module, int64_t side) {
  NeighborhoodTables tables = neighborhood_tables(side);
  return {module.constant(std::move(tables.keys), "neighbor_index"),
          module.constant(std::move(tables.places), "relative_position_index"),
          module.constant(std::move(tables.mask), "attn_mask")};
}

Result<ValueId> neighborhood_attention(const ModuleBuilder& module, ValueId map, int64_t heads,
                                       const Neighborhoods& tables) {
  const Shape shape = module.shape(map);
  const int64_t width = shape[1], side = shape[2], tokens = side * side;
  const ValueId rows = TRY(transpose(module, map, {0, 2, 3, 1}));
  const ValueId tiles = TRY(partition(module, rows));
  const ValueId in_order = TRY(reshape(module, tiles, {shape[0], tokens, width}));
  const ValueId mixed = TRY(attended(module, in_order, heads, tables));
  const ValueId out = TRY(linear(module.child("proj"), mixed, width));
  const ValueId back = TRY(reshape(module, out, module.shape(tiles)));
  return transpose(module, TRY(reverse_partition(module, back, side)), {0, 3, 1, 2});
}

}  // namespace nitro::zoo
