#pragma once

#include <filesystem>

#include "cli/console.h"
#include "plan/plan_file.h"

namespace nitro::cli {

/// Writes a plan to `path` ("-": stdout) and says so: file, steps and bytes.
Result<void> write_plan_file(Console& console, const plan::PlanFile& file,
                             const std::filesystem::path& path, bool force);

}  // namespace nitro::cli
