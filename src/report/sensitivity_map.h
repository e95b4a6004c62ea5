#pragma once

#include <string>

#include "base/json.h"

namespace nitro::report {

/// What each step of the space did alone, a row for each of its parameters and a cell for each
/// strength; "" where nothing was tried alone.
std::string sensitivity_map(const Json& search);

}  // namespace nitro::report
