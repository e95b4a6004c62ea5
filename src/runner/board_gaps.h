#pragma once

#include <string_view>

#include "base/json.h"

namespace nitro::runner {

/// Whether the record of a board (runner/board_record.h) lacks what tegrastats may tell: its files
/// are elsewhere in this release, or only root may read them.
bool has_gaps(const Json& board);

/// Puts into the record what it lacks and a line of tegrastats has. "from_tegrastats" then lists
/// the names of these members.
void fill_gaps(Json& board, std::string_view line);

}  // namespace nitro::runner
