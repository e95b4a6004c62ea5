#pragma once

#if defined(__x86_64__)

#include "measure/roof_kernels.h"

namespace nitro::measure {

/// Each may be called only where the processor has the instruction set.
extern const FloatKernels kAvx512Kernels;
extern const FloatKernels kAvx2Kernels;
extern const Int8Kernel kAvx512VnniKernel;
extern const Int8Kernel kAvxVnniKernel;
extern const Int8Kernel kAvx2Int8Kernel;

}  // namespace nitro::measure

#endif
