#pragma once

#include <string>

#include "base/json.h"

namespace nitro::cli {

/// A result of kind "optimize": both times, the comparison, the ledger, the numeric checks.
std::string optimize_text(const Json& result);

}  // namespace nitro::cli
