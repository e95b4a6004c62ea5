#include "cuda/launch.h"

#include <algorithm>
#include <array>
#include <limits>

namespace nitro::cuda {
namespace {

/// Clusters of more blocks work only on some devices and must be asked for.
constexpr int64_t kPortableCluster = 8;

Result<Module> load_module(const std::shared_ptr<const Device>& device, const std::string& binary) {
  CUmodule module = nullptr;
  TRY(device->check(device->api().module_load_data(&module, binary.c_str()),
                    fmt::format("load a kernel into {}", device->name())));
  return Module(device, module);
}

Result<int> attribute(const Device& device, CUfunction function, CUfunction_attribute which) {
  int value = 0;
  TRY(device.check(device.api().function_get_attribute(&value, which, function),
                   "describe a kernel"));
  return value;
}

/// The grid, the block and the rest fit what the driver takes.
Result<void> check_sizes(const Device& device, const Program& program) {
  constexpr int64_t kMaxX = std::numeric_limits<int32_t>::max();
  constexpr int64_t kMaxYZ = 65535;
  const auto& [x, y, z] = program.grid;
  if (x < 1 || y < 1 || z < 1 || x > kMaxX || y > kMaxYZ || z > kMaxYZ || program.threads < 1 ||
      program.threads > 1024 || program.cluster < 1 || x % program.cluster != 0) {
    return fail(ErrorCode::kInternal,
                "a kernel cannot have {}x{}x{} blocks of {} threads, {} to a cluster", x, y, z,
                program.threads, program.cluster);
  }
  if (program.shared_bytes > device.target().shared_bytes_per_block) {
    return fail(ErrorCode::kInternal, "a kernel asks for {} bytes of shared memory; {} has {}",
                program.shared_bytes, device.name(), device.target().shared_bytes_per_block);
  }
  if (program.cluster > 1 &&
      (device.target().compute_capability < 90 || device.api().launch_kernel_ex == nullptr)) {
    return fail_with_hint(ErrorCode::kEnvironment,
                          fmt::format("a kernel needs clusters, which {} cannot do", device.name()),
                          "update the driver to one for CUDA 12");
  }
  return {};
}

/// Sets what must be allowed before a launch. Programs of one source share their function, so that
/// the largest of them decides.
Result<void> allow(const Device& device, const StepKernel& kernel, int& shared_bytes) {
  const auto set = [&](CUfunction_attribute which, int value) {
    return device.check(device.api().function_set_attribute(kernel.function, which, value),
                        "allow what a kernel takes");
  };
  if (kernel.program.shared_bytes > shared_bytes) {
    shared_bytes = static_cast<int>(kernel.program.shared_bytes);
    TRY(set(CUfunction_attribute::kMaxDynamicSharedSizeBytes, shared_bytes));
  }
  if (kernel.program.cluster > kPortableCluster) {
    TRY(set(CUfunction_attribute::kNonPortableClusterSizeAllowed, 1));
  }
  return {};
}

Result<void> describe(const Device& device, StepKernel& kernel) {
  kernel.registers = TRY(attribute(device, kernel.function, CUfunction_attribute::kNumRegs));
  kernel.local_bytes =
      TRY(attribute(device, kernel.function, CUfunction_attribute::kLocalSizeBytes));
  kernel.static_shared_bytes =
      TRY(attribute(device, kernel.function, CUfunction_attribute::kSharedSizeBytes));
  return device.check(
      device.api().occupancy(&kernel.blocks_per_multiprocessor, kernel.function,
                             static_cast<int>(kernel.program.threads),
                             static_cast<size_t>(kernel.program.shared_bytes)),
      "tell how many blocks run at once");
}

}  // namespace

Result<LoadedKernels> load_kernels(const std::shared_ptr<const Device>& device,
                                   std::vector<Program> programs,
                                   const CompiledPrograms& compiled) {
  const CurrentContext current(*device);
  LoadedKernels loaded;
  std::vector<CUfunction> functions;
  for (const std::string& binary : compiled.binaries) {
    loaded.modules.push_back(TRY(load_module(device, binary)));
    CUfunction function = nullptr;
    TRY(device->check(
        device->api().module_get_function(&function, loaded.modules.back().get(), "step"),
        "find the entry of a kernel"));
    functions.push_back(function);
  }
  std::vector<int> shared_bytes(functions.size(), 0);
  for (size_t i = 0; i < programs.size(); ++i) {
    const size_t binary = compiled.binary_of[i];
    StepKernel kernel;
    kernel.function = functions[binary];
    kernel.program = std::move(programs[i]);
    TRY(check_sizes(*device, kernel.program));
    TRY(allow(*device, kernel, shared_bytes[binary]));
    TRY(describe(*device, kernel));
    loaded.kernels.push_back(std::move(kernel));
  }
  return loaded;
}

Result<void> launch(const Device& device, const StepKernel& kernel,
                    std::span<const CUdeviceptr> arguments, CUstream stream, bool overlap) {
  const Program& program = kernel.program;
  const auto number = [](int64_t value) { return static_cast<unsigned>(value); };
  std::vector<void*> pointers;
  for (const CUdeviceptr& argument : arguments) {
    pointers.push_back(const_cast<CUdeviceptr*>(&argument));
  }
  std::array<CUlaunchAttribute, 2> attributes{};
  unsigned count = 0;
  if (program.cluster > 1) {
    attributes[count].id = CUlaunchAttributeID::kClusterDimension;
    attributes[count++].cluster_dimension = {number(program.cluster), 1, 1};
  }
  if (overlap) {
    attributes[count].id = CUlaunchAttributeID::kProgrammaticStreamSerialization;
    attributes[count++].programmatic_stream_serialization_allowed = 1;
  }
  const DriverApi& api = device.api();
  if (count == 0) {
    return device.check(
        api.launch_kernel(kernel.function, number(program.grid[0]), number(program.grid[1]),
                          number(program.grid[2]), number(program.threads), 1, 1,
                          number(program.shared_bytes), stream, pointers.data(), nullptr),
        "launch a kernel");
  }
  const CUlaunchConfig config = {number(program.grid[0]),
                                 number(program.grid[1]),
                                 number(program.grid[2]),
                                 number(program.threads),
                                 1,
                                 1,
                                 number(program.shared_bytes),
                                 stream,
                                 attributes.data(),
                                 count};
  return device.check(api.launch_kernel_ex(&config, kernel.function, pointers.data(), nullptr),
                      "launch a kernel");
}

}  // namespace nitro::cuda
