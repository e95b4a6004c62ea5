#pragma once

#include <functional>
#include <vector>

#include "cuda/cupti.h"
#include "cuda/device.h"
#include "cuda/kernel_counters.h"

namespace nitro::cuda {

/// The counters of each kernel that `work` launches on `device` and waits for, in the order of the
/// launches; there may be `most_kernels`. Each kernel runs several times, memory restored between.
/// By CUPTI's range profiler (CUDA 12.6 on, compute capability 7.0 on). Errors: those of `work`,
/// and kEnvironment where CUPTI has none, or the system does not let users count.
Result<std::vector<KernelCounters>> count_kernels(const Cupti& cupti, const Device& device,
                                                  size_t most_kernels,
                                                  const std::function<Result<void>()>& work);

}  // namespace nitro::cuda
