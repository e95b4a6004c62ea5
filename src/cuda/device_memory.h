#pragma once

#include <span>
#include <string_view>

#include "cuda/handle.h"

namespace nitro::cuda {

/// `bytes` of memory of a device, aligned as plans want it (plan::kAlignment); at least one such
/// unit. kOutOfMemory says how much there is. `purpose` completes "for …".
Result<DeviceMemory> allocate(const std::shared_ptr<const Device>& device, int64_t bytes,
                              std::string_view purpose);

/// Copies between the host and the device; return when it is done.
Result<void> copy_to_device(const Device& device, CUdeviceptr target,
                            std::span<const std::byte> source, CUstream stream);
Result<void> copy_to_host(const Device& device, std::span<std::byte> target, CUdeviceptr source,
                          CUstream stream);

/// Waits for everything in the stream, and says what went wrong in it.
Result<void> synchronize(const Device& device, CUstream stream);

}  // namespace nitro::cuda
