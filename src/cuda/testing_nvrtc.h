#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "cuda/nvrtc.h"

namespace nitro::cuda {

inline constexpr std::string_view kNvrtc11 = "libnvrtc.so.11.2";  // 11.8
inline constexpr std::string_view kNvrtc12 = "libnvrtc.so.12";

/// Where requirements/cuda.txt puts the library `name`; empty if it is not installed.
inline std::filesystem::path test_nvrtc_path(std::string_view name) {
  std::error_code error;
  const std::filesystem::path python = std::filesystem::path(NITRO_SOURCE_DIR) / ".venv/lib";
  for (std::filesystem::directory_iterator entry(python, error), end; !error && entry != end;
       entry.increment(error)) {
    std::filesystem::path path = entry->path() / "site-packages/nvidia/cuda_nvrtc/lib" / name;
    if (std::filesystem::exists(path, error)) return path;
  }
  return {};
}

/// Opens one of them, once per process: their compilers are large.
inline const Result<Nvrtc>& test_nvrtc(std::string_view name) {
  static const Result<Nvrtc> nvrtc11 = Nvrtc::open(test_nvrtc_path(kNvrtc11));
  static const Result<Nvrtc> nvrtc12 = Nvrtc::open(test_nvrtc_path(kNvrtc12));
  return name == kNvrtc11 ? nvrtc11 : nvrtc12;
}

/// A test's first line: skips it where scripts/bootstrap.sh test has not been run.
#define NITRO_REQUIRE_NVRTC(name)                                             \
  if (::nitro::cuda::test_nvrtc_path(name).empty()) {                         \
    GTEST_SKIP() << name << " is not installed: scripts/bootstrap.sh test";   \
  }                                                                           \
  ASSERT_TRUE(::nitro::cuda::test_nvrtc(name)) << ::nitro::cuda::test_nvrtc(name).error().text()

}  // namespace nitro::cuda
