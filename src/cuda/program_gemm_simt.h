#pragma once

#include "cuda/program.h"

namespace nitro::cuda {

/// The program of a product without tensor cores (kernels/gemm_simt.cuh), which every device has.
/// Weights in f16 are multiplied in f16 where the device can. kUnsupportedOp for operands in the
/// forms that only tensor cores read: packed weights, panels and parts of rows.
Result<Program> simt_program(const plan::Plan& plan, const plan::Gemm& gemm, const Target& target);

}  // namespace nitro::cuda
