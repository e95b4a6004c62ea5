#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "ir/graph.h"

namespace nitro {

struct PrintOptions {
  /// Larger constants are shown as "..."; parse_graph() does not read those back.
  int64_t elide_above_bytes = std::numeric_limits<int64_t>::max();
};

/// The text form of a graph, which parse_graph() reads back exactly. One line each, values numbered
/// in the order of definition, everything outside printable ASCII escaped:
///
///   graph "name"
///   origin 0 "node" "module.path"
///   %0 "x" = input f32[1,4]
///   %1 "w" = constant f32[2] {1, -inf}
///   %2 = constant u8[100] 0x00ff...
///   %3 "a", %4 = Split{axis=1, sizes=[1, 3]}(%0) : f32[1,1], f32[1,3] from 0
///   %5 = Clip{low=0, high=6}(%3, _) : f32[1,1]
///   outputs %5, %4
std::string print(const Graph& graph, const PrintOptions& options = {});

}  // namespace nitro
