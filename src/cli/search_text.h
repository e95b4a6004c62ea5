#pragma once

#include <string>

#include "base/json.h"

namespace nitro::cli {

/// The member `search` of a result for people.
std::string search_text(const Json& search, size_t width);

}  // namespace nitro::cli
