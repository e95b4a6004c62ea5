#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace nitro::cuda {

/// A library of CUDA that is looked for.
struct LibrarySearch {
  std::span<const std::string_view> names;               // of its file, the best first
  std::span<const std::string_view> folders_of_toolkit;  // "lib64"
  std::span<const std::string_view> folders_of_package;  // "nvidia/cu13/lib"
  /// Where pip's packages are (folders that hold "nvidia"), before .venv, $VIRTUAL_ENV,
  /// $CONDA_PREFIX, those of the user and of the system.
  std::span<const std::filesystem::path> package_folders;
};

/// What to try to open, in this order: the names, for the system's loader to search, and the files
/// that exist under /usr/local/cuda* and in packages.
std::vector<std::filesystem::path> library_paths(const LibrarySearch& search);

}  // namespace nitro::cuda
