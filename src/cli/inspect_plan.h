#pragma once

#include <filesystem>
#include <string_view>

#include "cli/console.h"

namespace nitro::cli {

/// Shows the steps of a plan file as they run on `architecture` ("sm_90"; empty: that of the
/// kernels in the file, or else sm_90), and proves that the plan is sound.
Result<void> inspect_plan(Console& console, const std::filesystem::path& path,
                          std::string_view architecture);

}  // namespace nitro::cli
