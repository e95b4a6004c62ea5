#pragma once

#include "onnx/import_model.h"
#include "optimize/frame.h"

namespace nitro::cli {

/// Learns the types of a model's outputs under `setup` from runs on two sets of inputs; fails with
/// kUnknownShape where they differ. Ends with kInterrupted.
onnx::TypesByRun types_by_run(optimize::RunSetup setup);

}  // namespace nitro::cli
