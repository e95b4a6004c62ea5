#pragma once

#include <filesystem>
#include <vector>

namespace nitro::runner {

/// Where the Python of the runners (find_python()) may have packages: NVIDIA's NVRTC comes in one.
std::vector<std::filesystem::path> python_packages();

}  // namespace nitro::runner
