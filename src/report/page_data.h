#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace nitro::report {

/// What the script of the page draws, with names made displayable and modules found by position:
/// {model, shown, roofs, bounds, profiles: {baseline, optimized}}, a profile in columns to be
/// small.
Json page_data(const Json& result);

/// JSON text with `<`, `>`, `&`, U+2028 and U+2029 as \u escapes, so that no name ends the element
/// it stands in.
std::string script_safe(std::string_view json);

}  // namespace nitro::report
