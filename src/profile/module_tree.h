#pragma once

#include <vector>

#include "profile/profile.h"

namespace nitro::profile {

/// Every module on the way to a layer's, root first, parents before children, with summed times and
/// work.
std::vector<Module> module_tree(const std::vector<Layer>& layers);

}  // namespace nitro::profile
