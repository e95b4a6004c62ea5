#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "cuda/device_state.h"
#include "cuda/roofs.h"

namespace nitro::cuda {

/// What the roofs depend on: the device, its highest clocks (those of a Jetson's power mode), the
/// driver, and the version of the format.
std::string gpu_roofs_key(const DeviceState& state);

/// The roofs kept for `key` in `folder`, or else those of `measure`, which are then kept. A file
/// that is missing, malformed or of another key is replaced; a folder that cannot be written only
/// costs the time.
Result<GpuRoofs> cached_gpu_roofs(const std::filesystem::path& folder, const std::string& key,
                                  const std::function<Result<GpuRoofs>()>& measure);

/// The roofs of `device`, which is that of `options`: measured at the first call and kept in
/// cache_folder().
Result<GpuRoofs> device_roofs(const Device& device, const EngineOptions& options);

}  // namespace nitro::cuda
