#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"

namespace nitro {

/// The innermost module that holds all of `paths`; paths are split at ".".
std::string common_module(const std::vector<std::string>& paths);
/// That of the origins with these numbers.
std::string common_module(const std::vector<OriginId>& ids, const std::vector<Origin>& origins);

}  // namespace nitro
