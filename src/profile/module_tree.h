#pragma once

#include <string>
#include <vector>

#include "profile/profile.h"

namespace nitro::profile {

/// The innermost module that holds all of `paths`; paths are split at ".".
std::string common_module(const std::vector<std::string>& paths);

/// Every module on the way to a layer's, root first, parents before children, with summed times and
/// work.
std::vector<Module> module_tree(const std::vector<Layer>& layers);

}  // namespace nitro::profile
