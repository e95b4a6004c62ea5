#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace nitro::cuda {

/// What a kernel takes of a multiprocessor.
struct KernelResources {
  std::string name;
  int64_t registers = 0;    // of a thread
  int64_t local_bytes = 0;  // of a thread: arrays that are not in registers, and spilled registers
  /// Of a block, without what a launch adds; from compute capability 9.0 on with the 1 KiB that the
  /// system takes.
  int64_t shared_bytes = 0;
  bool operator==(const KernelResources&) const = default;
};

/// The kernels of a cubin, in order of their names. kBadFile if it is none; only reads inside of
/// it.
Result<std::vector<KernelResources>> cubin_info(std::string_view cubin);

/// The machine code of a kernel of a cubin; it is part of `cubin`. kBadFile where there is none.
Result<std::string_view> kernel_code(std::string_view cubin, std::string_view kernel);

}  // namespace nitro::cuda
