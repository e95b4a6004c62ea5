#pragma once

#include "measure/roof_kernels.h"
#include "measure/thread_team.h"

namespace nitro::measure {

/// Floating-point operations per second of `threads` threads.
TeamRate measure_flops(const FloatKernels& kernels, int threads);

/// 8-bit operations per second of `threads` threads.
TeamRate measure_int8_ops(const Int8Kernel& kernel, int threads);

}  // namespace nitro::measure
