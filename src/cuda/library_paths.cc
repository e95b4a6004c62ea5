#include "cuda/library_paths.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>

namespace nitro::cuda {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> folders_in(const fs::path& parent, std::string_view prefix) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(parent, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename().string().starts_with(prefix)) found.push_back(entry->path());
  }
  std::ranges::sort(found, std::greater<>());  // newest version first
  return found;
}

void add_packages_of(const fs::path& root, std::vector<fs::path>& folders) {
  for (const fs::path& python : folders_in(root / "lib", "python")) {
    folders.push_back(python / "site-packages");
    folders.push_back(python / "dist-packages");
  }
}

std::vector<fs::path> package_roots(const LibrarySearch& search) {
  std::vector<fs::path> roots(search.package_folders.begin(), search.package_folders.end());
  add_packages_of(".venv", roots);
  for (const char* variable : {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
    if (const char* root = std::getenv(variable)) add_packages_of(root, roots);
  }
  if (const char* home = std::getenv("HOME")) add_packages_of(fs::path(home) / ".local", roots);
  add_packages_of("/usr/local", roots);
  add_packages_of("/usr", roots);
  return roots;
}

/// The folders that may hold it, besides those of the loader.
std::vector<fs::path> library_folders(const LibrarySearch& search) {
  std::vector<fs::path> folders;
  const auto add = [&](const fs::path& root, std::span<const std::string_view> inside) {
    for (const std::string_view folder : inside) folders.push_back(root / folder);
  };
  for (const fs::path& toolkit : folders_in("/usr/local", "cuda")) {
    add(toolkit, search.folders_of_toolkit);
  }
  for (const fs::path& root : package_roots(search)) add(root, search.folders_of_package);
  return folders;
}

}  // namespace

std::vector<fs::path> library_paths(const LibrarySearch& search) {
  std::vector<fs::path> paths(search.names.begin(), search.names.end());
  std::error_code error;
  for (const fs::path& folder : library_folders(search)) {
    for (const std::string_view name : search.names) {
      // The loader takes what has no folder in it for a name to search.
      if (fs::exists(folder / name, error)) paths.push_back(fs::absolute(folder / name));
    }
  }
  return paths;
}

}  // namespace nitro::cuda
