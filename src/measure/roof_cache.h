#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "measure/environment.h"
#include "measure/roof.h"

namespace nitro::measure {

/// What the roofs depend on: processor, microcode, how many of it, and the version of the format.
std::string roof_key(const Environment& environment);

/// The roofs kept for `key` in `folder`, or else those of `measure`, which are then kept. A file
/// that is missing, malformed or of another key is replaced; disturbed roofs are not kept, so that
/// the next call tries again. A folder that cannot be written only costs the time.
Roofs cached_roofs(const std::filesystem::path& folder, const std::string& key,
                   const std::function<Roofs()>& measure);

/// The roofs of this machine, measured at the first call (under 3 s) and kept in cache_folder().
Roofs machine_roofs();

}  // namespace nitro::measure
