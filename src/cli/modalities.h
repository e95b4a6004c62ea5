#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace nitro::cli {

/// "rgb,depth" as its words; "" is none. kUsage on an empty or repeated word.
Result<std::vector<std::string>> parse_modalities(std::string_view text);

/// The same for those that are one channel. kUsage on one that is not among `modalities`, or where
/// these are fewer than two, so that nothing becomes a batch.
Result<std::vector<std::string>> parse_grey(std::string_view text,
                                            const std::vector<std::string>& modalities);

}  // namespace nitro::cli
