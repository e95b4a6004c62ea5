#pragma once

#include "cuda/program.h"

namespace nitro::cuda {

/// What follows kernels/prelude.cuh in the source of a program; empty if it does not begin with
/// that.
std::string_view after_prelude(const Program& program);

}  // namespace nitro::cuda
