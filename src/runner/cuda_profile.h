#pragma once

#include <functional>

#include "cuda/cupti.h"
#include "runner/cuda_model.h"

namespace nitro::runner {

/// Cupti::record(), or why there is none.
using RecordKernels = std::function<Result<std::vector<cuda::KernelActivity>>(
    const std::function<Result<void>()>& work)>;

/// The reply to `profile` of the runner `cuda`: a node for each step of the plan. Its time inside
/// the graph is by differential replay: that of a graph that ends with it, less that of one that
/// ends before it, each after a whole run. Such times add up to the run's. Also measured are how
/// much longer the run is with the step launched twice, and the step by itself by events around
/// each launch, and, by `record_kernels`, when the GPU executed each kernel of the graph. The
/// inputs are already set.
Result<Json> profile_cuda(CudaModel& model, int64_t iterations,
                          const RecordKernels& record_kernels);

}  // namespace nitro::runner
