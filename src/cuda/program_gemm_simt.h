#pragma once

#include "cuda/program.h"

namespace nitro::cuda {

/// The program of a product without tensor cores (kernels/gemm_simt.cuh), which every device has.
/// Weights in f16 are multiplied in f16 where the device can. kUnsupportedOp for operands in the
/// forms that only tensor cores read: packed weights, panels and parts of rows.
Result<Program> simt_program(const plan::Plan& plan, const plan::Gemm& gemm, const Target& target);

/// The same for multiprocessor 0 alone, tiles chosen for one multiprocessor: shows on a large
/// device what a small one can do. Its last argument, after those of the step, is an int that is 0
/// before each launch.
Result<Program> simt_program_on_one(const plan::Plan& plan, const plan::Gemm& gemm,
                                    const Target& target);

}  // namespace nitro::cuda
