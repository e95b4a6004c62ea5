#include "runner/python_packages.h"

#include "runner/find_python.h"

namespace nitro::runner {

std::vector<std::filesystem::path> python_packages() {
  const std::filesystem::path library = find_python({}).parent_path().parent_path() / "lib";
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(library, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::filesystem::path packages = entry->path() / "site-packages";
    if (std::filesystem::exists(packages, error)) folders.push_back(packages);
  }
  return folders;
}

}  // namespace nitro::runner
