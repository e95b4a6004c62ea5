#pragma once

#include <filesystem>
#include <vector>

#include "cuda/nvrtc.h"

namespace nitro::cuda {

/// What an NVRTC is needed for.
struct NvrtcWish {
  int compute_capability = 90;
  /// Of the driver that will load the result, 1000 * major + 10 * minor; 0: any. Newer libraries
  /// than that are taken only if there is nothing else.
  int driver_version = 0;
  /// Where NVIDIA's pip packages are (folders that hold "nvidia"), before .venv, $VIRTUAL_ENV,
  /// $CONDA_PREFIX, those of the user and of the system.
  std::vector<std::filesystem::path> package_folders = {};
};

/// $NITRO_NVRTC, or the first that serves of: the names that the system's loader knows, those under
/// /usr/local/cuda*, those that pip installed. One that knows the device goes before one that only
/// has PTX for it. kEnvironment with a remedy where there is none.
Result<Nvrtc> find_nvrtc(const NvrtcWish& wish);

}  // namespace nitro::cuda
