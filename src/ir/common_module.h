#pragma once

#include <string>
#include <vector>

namespace nitro {

/// The innermost module that holds all of `paths`; paths are split at ".".
std::string common_module(const std::vector<std::string>& paths);

}  // namespace nitro
