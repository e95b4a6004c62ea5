#pragma once

#include <string_view>

#include "ir/graph.h"

namespace nitro {

/// Reads the text form (see print.h) back exactly; blank lines and lines that start with '#' are
/// skipped. The graph passes verify(). Malformed text is kBadFile and names line and column.
Result<Graph> parse_graph(std::string_view text);

}  // namespace nitro
