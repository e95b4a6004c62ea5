#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace nitro::cli {

/// "rgb,depth" as its words; "" is none. kUsage on an empty or repeated word.
Result<std::vector<std::string>> parse_modalities(std::string_view text);

}  // namespace nitro::cli
