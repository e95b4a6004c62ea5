#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace nitro::cuda {

/// NVIDIA's compiler for device code, a library that is loaded at run time. Copies share it; all of
/// it may be used from several threads.
class Nvrtc {
 public:
  /// kEnvironment if `library` cannot be loaded or is no NVRTC.
  static Result<Nvrtc> open(const std::filesystem::path& library);

  /// "12.9"
  const std::string& version() const;
  int major() const;
  const std::filesystem::path& library() const;
  /// The compute capabilities that it compiles for, ascending.
  const std::vector<int>& compute_capabilities() const;

  /// What `source` is compiled for: "sm_90a", where NVRTC knows the device, with the features that
  /// only this one has; "compute_90", which the driver translates, where the device is newer than
  /// NVRTC; kEnvironment where NVRTC has dropped the device.
  Result<std::string> architecture(int compute_capability) const;

  /// The cubin of a program, or its PTX for a "compute_" architecture. kEnvironment where NVRTC
  /// does not find its builtins; another error of the compiler is kInternal, since all programs are
  /// ours, with the start of its log.
  Result<std::string> compile(const std::string& source, const std::string& architecture,
                              std::span<const std::string> options) const;

 private:
  struct Library;
  explicit Nvrtc(std::shared_ptr<const Library> library) : loaded_(std::move(library)) {}
  std::shared_ptr<const Library> loaded_;
};

}  // namespace nitro::cuda
