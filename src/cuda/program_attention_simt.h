#pragma once

#include "cuda/program.h"

namespace nitro::cuda {

/// The program of an attention without tensor cores (kernels/attention_simt.cuh), which every
/// device has. kUnsupportedOp for a result in panels, which only tensor cores read.
Result<Program> simt_program(const plan::Plan& plan, const plan::Attention& attention,
                             const Target& target);

}  // namespace nitro::cuda
