#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "cuda/driver_api.h"

namespace nitro::cuda {

/// The driver's functions from `library` (a name for dlopen), initialised. kEnvironment with a remedy
/// where there is no driver, an older one than Nitro needs (CUDA 10.1), or no device. The library
/// stays loaded.
Result<DriverApi> load_driver(const std::string& library);

/// The driver of this machine (libcuda.so.1), loaded at the first call.
Result<const DriverApi*> driver();

/// Success, or what a failed call means: kOutOfMemory; kEnvironment where the machine or its driver
/// cannot do it; kRunnerFailed where the device was lost, after which nothing works in this process;
/// else kInternal. `action` completes "the CUDA driver could not …".
Result<void> check(const DriverApi& api, CUresult result, std::string_view action);

}  // namespace nitro::cuda
