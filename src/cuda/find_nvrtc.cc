#include "cuda/find_nvrtc.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace nitro::cuda {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 7> kNames = {
    "libnvrtc.so.13",   "libnvrtc.so.12",   "libnvrtc.so.11.2",
    "libnvrtc.so.11.1", "libnvrtc.so.11.0", "libnvrtc.so.10.2",
    "libnvrtc.so",  // any other version
};

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

/// The folders that may hold an NVRTC, besides those of the loader.
std::vector<fs::path> library_folders(const NvrtcWish& wish) {
  std::vector<fs::path> packages = wish.package_folders;
  add_packages_of(".venv", packages);
  for (const char* variable : {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
    if (const char* root = std::getenv(variable)) add_packages_of(root, packages);
  }
  if (const char* home = std::getenv("HOME")) add_packages_of(fs::path(home) / ".local", packages);
  add_packages_of("/usr/local", packages);
  add_packages_of("/usr", packages);

  std::vector<fs::path> folders;
  for (const fs::path& toolkit : folders_in("/usr/local", "cuda")) {
    folders.push_back(toolkit / "lib64");
  }
  for (const fs::path& package : packages) {
    folders.push_back(package / "nvidia/cu13/lib");
    folders.push_back(package / "nvidia/cuda_nvrtc/lib");
  }
  return folders;
}

std::vector<fs::path> candidates(const NvrtcWish& wish) {
  std::vector<fs::path> paths(kNames.begin(), kNames.end());
  std::error_code error;
  for (const fs::path& folder : library_folders(wish)) {
    for (const std::string_view name : kNames) {
      // The loader takes what has no folder in it for a name to search.
      if (fs::exists(folder / name, error)) paths.push_back(fs::absolute(folder / name));
    }
  }
  return paths;
}

}  // namespace

Result<Nvrtc> find_nvrtc(const NvrtcWish& wish) {
  if (const char* named = std::getenv("NITRO_NVRTC"); named != nullptr && *named != '\0') {
    Result<Nvrtc> opened = in_context(Nvrtc::open(named), "NITRO_NVRTC");
    if (!opened) opened.error().hint = "let it name a libnvrtc.so, or unset it";
    return opened;
  }
  std::optional<Nvrtc> second_best;
  std::optional<Error> refusal;
  for (const fs::path& path : candidates(wish)) {
    Result<Nvrtc> opened = Nvrtc::open(path);
    if (!opened) continue;
    Result<std::string> architecture = opened->architecture(wish.compute_capability);
    if (!architecture) {
      refusal = architecture.error();
      continue;
    }
    const bool driver_takes_it =
        wish.driver_version == 0 || opened->major() <= wish.driver_version / 1000;
    if (driver_takes_it && architecture->starts_with("sm_")) return opened;
    if (!second_best || driver_takes_it) second_best = *opened;
  }
  if (second_best) return *second_best;
  if (refusal) return std::unexpected(*refusal);
  return fail_with_hint(ErrorCode::kEnvironment, "no NVRTC here, which compiles the kernels",
                        "install a CUDA toolkit, or pip install nvidia-cuda-nvrtc-cu12, or name "
                        "the library in NITRO_NVRTC");
}

}  // namespace nitro::cuda
