#pragma once

#include <cstddef>
#include <string>

#include "base/json.h"

namespace nitro::cli {

/// "by clocks  compute: 62% GPU clock · 21% memory clock · 14% neither", of a profile's frame; ""
/// where its clocks were not probed.
std::string clock_line(const Json& profile);

/// The `top` longest layers with the parts of their times by the clocks that these follow; "" where
/// that was not probed.
std::string clock_table(const Json& profile, size_t top);

}  // namespace nitro::cli
