#include "cuda/find_nvrtc.h"

#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "cuda/library_paths.h"

namespace nitro::cuda {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 7> kNames = {
    "libnvrtc.so.13",   "libnvrtc.so.12",   "libnvrtc.so.11.2",
    "libnvrtc.so.11.1", "libnvrtc.so.11.0", "libnvrtc.so.10.2",
    "libnvrtc.so",  // any other version
};

constexpr std::array<std::string_view, 1> kInToolkits = {"lib64"};
constexpr std::array<std::string_view, 2> kInPackages = {"nvidia/cu13/lib",
                                                         "nvidia/cuda_nvrtc/lib"};

}  // namespace

Result<Nvrtc> find_nvrtc(const NvrtcWish& wish) {
  if (const char* named = std::getenv("NITRO_NVRTC"); named != nullptr && *named != '\0') {
    Result<Nvrtc> opened = in_context(Nvrtc::open(named), "NITRO_NVRTC");
    if (!opened) opened.error().hint = "let it name a libnvrtc.so, or unset it";
    return opened;
  }
  std::optional<Nvrtc> with_ptx;
  std::optional<Nvrtc> too_new;
  std::optional<Error> refusal;
  for (const fs::path& path :
       library_paths({kNames, kInToolkits, kInPackages, wish.package_folders})) {
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
    std::optional<Nvrtc>& first = driver_takes_it ? with_ptx : too_new;
    if (!first) first = *opened;
  }
  if (with_ptx) return *with_ptx;
  if (too_new) return *too_new;
  if (refusal) return std::unexpected(*refusal);
  return fail_with_hint(ErrorCode::kEnvironment, "no NVRTC here, which compiles the kernels",
                        "install a CUDA toolkit, or pip install nvidia-cuda-nvrtc-cu12, or name "
                        "the library in NITRO_NVRTC");
}

}  // namespace nitro::cuda
