#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "base/error.h"

namespace nitro::cuda {

/// When the GPU executed a kernel, in nanoseconds of its clock as CUPTI gives it.
struct KernelActivity {
  int64_t start_ns = 0;
  int64_t end_ns = 0;
};

/// NVIDIA's CUPTI, which records what the GPU does. Stays loaded to the end of the process.
class Cupti {
 public:
  /// A libcupti.so; kEnvironment if it cannot be loaded or lacks functions.
  static Result<Cupti> open(const std::filesystem::path& path);

  /// The kernels that the GPU executes for `work`, which waits for them, by their start. Graphs
  /// show their kernels if they are made within `work`. One recording at a time in a process.
  /// Errors: those of `work`, and kEnvironment where CUPTI refuses (another tool may be using it).
  Result<std::vector<KernelActivity>> record(const std::function<Result<void>()>& work) const;
  /// A function of the library, or null.
  void* symbol(const char* name) const;

 private:
  using RequestBuffer = void (*)(uint8_t** buffer, size_t* bytes, size_t* most_records);
  using BufferFull = void (*)(void* context, uint32_t stream, uint8_t* buffer, size_t bytes,
                              size_t valid_bytes);
  void* library_ = nullptr;
  int (*register_callbacks_)(RequestBuffer, BufferFull) = nullptr;
  int (*enable_)(int kind) = nullptr;
  int (*disable_)(int kind) = nullptr;
  int (*flush_)(uint32_t flags) = nullptr;
  int (*next_)(uint8_t* buffer, size_t valid_bytes, void** record) = nullptr;
};

/// $NITRO_CUPTI, or one that is not newer than a driver of `driver_version` (1000 * major +
/// 10 * minor): known to the system's loader, under /usr/local/cuda*, or installed by pip into one
/// of `package_folders` or where library_paths() looks. kEnvironment with a remedy where there is
/// none.
Result<Cupti> find_cupti(int driver_version,
                         std::span<const std::filesystem::path> package_folders);

}  // namespace nitro::cuda
