#pragma once

#include "onnx/import_model.h"
#include "optimize/frame.h"

namespace nitro::cli {

/// Learns the types of a model's outputs from one run under `setup`, on random inputs.
onnx::TypesByRun types_by_run(optimize::RunSetup setup);

}  // namespace nitro::cli
