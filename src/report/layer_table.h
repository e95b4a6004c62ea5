#pragma once

#include <string>

#include "base/json.h"

namespace nitro::report {

/// The layers of a profile as a table, longest first. The script of the page makes the same rows.
std::string layer_table(const Json& profile);

}  // namespace nitro::report
