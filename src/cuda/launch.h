#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cuda/compile_programs.h"
#include "cuda/handle.h"

namespace nitro::cuda {

/// A program on the device, and what one of its blocks takes of a multiprocessor.
struct StepKernel {
  Program program;
  CUfunction function = nullptr;
  int registers = 0;                  // of a thread
  int local_bytes = 0;                // of a thread: spilled registers, arrays
  int static_shared_bytes = 0;        // of a block, besides Program::shared_bytes
  int blocks_per_multiprocessor = 0;  // that run at the same time
};

/// Programs loaded into a device; the functions of `kernels` are in `modules`.
struct LoadedKernels {
  std::vector<Module> modules;
  std::vector<StepKernel> kernels;  // as the programs
};

/// Loads programs that were compiled for the device.
Result<LoadedKernels> load_kernels(const std::shared_ptr<const Device>& device,
                                   std::vector<Program> programs,
                                   const CompiledPrograms& compiled);

/// Puts one launch into a stream. With `overlap` it may begin before the launch before it is done
/// (programmatic dependent launch; wait_for_previous() in kernels/prelude.cuh).
Result<void> launch(const Device& device, const StepKernel& kernel,
                    std::span<const CUdeviceptr> arguments, CUstream stream, bool overlap);

}  // namespace nitro::cuda
