#pragma once

#include <functional>

#include "cuda/cupti.h"
#include "cuda/kernel_counters.h"
#include "runner/cuda_model.h"

namespace nitro::runner {

/// What else can be learned of the kernels that `work` launches, or why it cannot:
/// Cupti::record() and count_kernels().
struct KernelRecorders {
  std::function<Result<std::vector<cuda::KernelActivity>>(
      const std::function<Result<void>()>& work)>
      record;
  std::function<Result<std::vector<cuda::KernelCounters>>(
      size_t most_kernels, const std::function<Result<void>()>& work)>
      count;
};

/// The reply to `profile` of the runner `cuda`: a node for each step of the plan. Its time inside
/// the graph is by differential replay: that of a graph that ends with it, less that of one that
/// ends before it, each after a whole run. Such times add up to the run's. Also measured are how
/// much longer the run is with the step launched twice, and the step by itself by events around
/// each launch, and, by `recorders`, when the GPU executed each kernel of the graph, and what its
/// hardware counted. Without recorders
/// only times in the graph are measured. The inputs are already set.
Result<Json> profile_cuda(CudaModel& model, int64_t iterations, const KernelRecorders& recorders);

}  // namespace nitro::runner
