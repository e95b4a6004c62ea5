#pragma once

#include "cuda/program.h"

namespace nitro::cuda {

// The program of a step by its family; each in a file of its own.

Result<Program> program_of(const plan::Plan& plan, const plan::Loop& loop, const Target& target);
Result<Program> program_of(const plan::Plan& plan, const plan::Gemm& gemm, const Target& target);
Result<Program> program_of(const plan::Plan& plan, const plan::Attention& attention,
                           const Target& target);
Result<Program> program_of(const plan::Plan& plan, const plan::WindowAttention& both,
                           const Target& target);
Result<Program> program_of(const plan::Plan& plan, const plan::PooledHead& head,
                           const Target& target);

}  // namespace nitro::cuda
