#include "runner/find_python.h"

#include <cstdlib>

namespace nitro::runner {
namespace {

/// A project root at or above the executable: the folder that holds python/nitro.
std::filesystem::path project_root() {
  std::error_code error;
  for (std::filesystem::path folder = executable().parent_path(); !folder.empty();
       folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / "python/nitro/runners/protocol.py", error)) return folder;
    if (folder == folder.root_path()) break;
  }
  return {};
}

}  // namespace

std::filesystem::path executable() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

std::filesystem::path find_python(const std::filesystem::path& option) {
  if (!option.empty()) return option;
  if (const char* chosen = std::getenv("NITRO_PYTHON"); chosen && *chosen) return chosen;
  const std::filesystem::path root = project_root();
  const std::filesystem::path local = root / ".venv/bin/python";
  std::error_code error;
  if (!root.empty() && std::filesystem::exists(local, error)) return local;
  return "python3";
}

Result<std::filesystem::path> find_package_folder() {
  const std::filesystem::path root = project_root();
  if (root.empty()) {
    return fail_with_hint(ErrorCode::kEnvironment,
                          "the folder python/nitro is not at or above the nitro program",
                          "keep the program inside its source tree");
  }
  return root / "python";
}

}  // namespace nitro::runner
