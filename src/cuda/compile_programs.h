#pragma once

#include <span>
#include <string>
#include <vector>

#include "cuda/cubin_cache.h"
#include "cuda/nvrtc.h"
#include "cuda/program.h"

namespace nitro::cuda {

struct CompiledPrograms {
  std::vector<std::string> binaries;  // one for each source
  std::vector<size_t> binary_of;      // of each program, an index into `binaries`
  size_t from_cache = 0;              // of the binaries
};

/// What every program is compiled with, besides the architecture.
std::span<const std::string> compile_options();

/// Compiles programs for a compute capability, each source once, on `threads` threads (0: as many as
/// there are processors). What the cache has is not compiled; what was compiled goes there. The
/// error is the first in the order of the programs.
Result<CompiledPrograms> compile_programs(std::span<const Program> programs, const Nvrtc& nvrtc,
                                          int compute_capability, const CubinCache& cache,
                                          int threads = 0);

}  // namespace nitro::cuda
