#pragma once

#include <filesystem>

#include "base/error.h"

namespace nitro::runner {

/// The program that runs; empty where the system does not tell.
std::filesystem::path executable();

/// The Python for runners: `option`, $NITRO_PYTHON, the .venv of the project, or "python3".
std::filesystem::path find_python(const std::filesystem::path& option);

/// The folder python/ with the package nitro, above this executable. kEnvironment where it is not.
Result<std::filesystem::path> find_package_folder();

}  // namespace nitro::runner
