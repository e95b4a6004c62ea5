#pragma once

#include <string>

#include "base/json.h"

namespace nitro::cli {

/// A result of kind "optimize": both times, the comparison, the numeric checks, the ledger with its
/// notes; running text in lines of at most `width` cells.
std::string optimize_text(const Json& result, size_t width);

}  // namespace nitro::cli
