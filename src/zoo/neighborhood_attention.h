#pragma once

#include "zoo/module_builder.h"

namespace nitro::zoo {

/// Where the queries and keys of neighbourhood attention are, for square maps of one size. A query
/// sees the 7x7 positions around it, moved inwards at a border so that none is outside of the map.
/// The 49 queries of a tile (a window of partition()) read the 13x13 keys that hold all of their
/// neighbours, so that scores are products of matrices; keys that are no neighbours are masked.
struct NeighborhoodTables {
  Tensor keys;    // i32[tiles, 169]: tokens in the order of tiles
  Tensor places;  // i32[tiles, 49, 169]: of the 13x13 relative positions, row by row
  Tensor mask;    // f32[tiles, 49, 169]: 0 for a neighbour, else minus infinity
};

/// `side` must be a multiple of 7, at least 14.
NeighborhoodTables neighborhood_tables(int64_t side);

/// The tables as constants of a graph, to be shared by its blocks.
struct Neighborhoods {
  ValueId keys = kNoValue;
  ValueId places = kNoValue;
  ValueId mask = kNoValue;
};
Neighborhoods add_neighborhoods(const ModuleBuilder& module, int64_t side);

/// NeighborhoodAttention2D of NATTEN with a 7x7 kernel and relative position bias, on a map
/// [batch, width, side, side].
Result<ValueId> neighborhood_attention(const ModuleBuilder& module, ValueId map, int64_t heads,
                                       const Neighborhoods& tables);

}  // namespace nitro::zoo
