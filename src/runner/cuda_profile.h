#pragma once

#include "runner/cuda_model.h"

namespace nitro::runner {

/// The reply to `profile` of the runner `cuda`: a node for each step of the plan, with its time
/// inside the graph by differential replay (that of a graph that launches it twice, less that of
/// the graph before) and its time by itself by events around each launch. The inputs are already
/// set.
Result<Json> profile_cuda(CudaModel& model, int64_t iterations);

}  // namespace nitro::runner
