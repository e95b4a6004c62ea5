#include "cuda/driver.h"

#include <dlfcn.h>

namespace nitro::cuda {
namespace {

struct Row {
  const char* name;
  void* slot;  // the address of the member of DriverApi
  bool required = true;
};

bool resolve(void* library, const char* name, void* slot) {
  void* const symbol = dlsym(library, name);
  *static_cast<void**>(slot) = symbol;
  return symbol != nullptr;
}

/// Every function under the name of its current form: several have had others before.
Result<void> resolve_all(void* library, DriverApi& api) {
  const Row rows[] = {
      {"cuInit", &api.init},
      {"cuDriverGetVersion", &api.driver_get_version},
      {"cuGetErrorName", &api.get_error_name},
      {"cuGetErrorString", &api.get_error_string},
      {"cuDeviceGetCount", &api.device_get_count},
      {"cuDeviceGet", &api.device_get},
      {"cuDeviceGetName", &api.device_get_name},
      {"cuDeviceGetAttribute", &api.device_get_attribute},
      {"cuDeviceGetPCIBusId", &api.device_get_pci_bus_id},
      {"cuDeviceTotalMem_v2", &api.device_total_mem},
      {"cuDevicePrimaryCtxRetain", &api.primary_context_retain},
      {"cuCtxPushCurrent_v2", &api.context_push},
      {"cuCtxPopCurrent_v2", &api.context_pop},
      {"cuModuleLoadData", &api.module_load_data},
      {"cuModuleUnload", &api.module_unload},
      {"cuModuleGetFunction", &api.module_get_function},
      {"cuFuncSetAttribute", &api.function_set_attribute},
      {"cuFuncGetAttribute", &api.function_get_attribute},
      {"cuOccupancyMaxActiveBlocksPerMultiprocessor", &api.occupancy},
      {"cuMemGetInfo_v2", &api.memory_get_info},
      {"cuMemAlloc_v2", &api.memory_alloc},
      {"cuMemFree_v2", &api.memory_free},
      {"cuMemcpyHtoDAsync_v2", &api.copy_to_device},
      {"cuMemcpyDtoHAsync_v2", &api.copy_to_host},
      {"cuMemsetD8Async", &api.memory_set},
      {"cuStreamCreate", &api.stream_create},
      {"cuStreamDestroy_v2", &api.stream_destroy},
      {"cuStreamSynchronize", &api.stream_synchronize},
      {"cuEventCreate", &api.event_create},
      {"cuEventDestroy_v2", &api.event_destroy},
      {"cuEventRecord", &api.event_record},
      {"cuEventElapsedTime", &api.event_elapsed},
      {"cuLaunchHostFunc", &api.launch_host_function},
      {"cuLaunchKernel", &api.launch_kernel},
      {"cuLaunchKernelEx", &api.launch_kernel_ex, false},
      {"cuStreamBeginCapture_v2", &api.begin_capture},
      {"cuStreamEndCapture", &api.end_capture},
      {"cuGraphDestroy", &api.graph_destroy},
      {"cuGraphInstantiateWithFlags", &api.graph_instantiate, false},
      {"cuGraphExecDestroy", &api.graph_executable_destroy},
      {"cuGraphLaunch", &api.graph_launch},
      {"cuGraphUpload", &api.graph_upload, false},
  };
  for (const Row& row : rows) {
    if (!resolve(library, row.name, row.slot) && row.required) {
      return fail_with_hint(ErrorCode::kEnvironment,
                            fmt::format("the CUDA driver here has no {}", row.name),
                            "install a driver for CUDA 10.2 or newer");
    }
  }
  if (!resolve(library, "cuDevicePrimaryCtxRelease_v2", &api.primary_context_release)) {
    resolve(library, "cuDevicePrimaryCtxRelease", &api.primary_context_release);
  }
  if (!resolve(library, "cuGraphInstantiate_v2", &api.graph_instantiate_old)) {
    resolve(library, "cuGraphInstantiate", &api.graph_instantiate_old);
  }
  return {};
}

struct Meaning {
  CUresult result;
  ErrorCode code;
  const char* hint;
};

constexpr const char* kLostHint =
    "a kernel or the hardware failed and nothing more runs on the device in this process: start "
    "again; see dmesg for Xid messages";
constexpr const char* kBinaryHint =
    "the kernels were compiled for another device or by an NVRTC newer than the driver: update the "
    "driver, or name another NVRTC in NITRO_NVRTC";
constexpr const char* kDriverHint = "see that nvidia-smi works here, and reboot after an update";

constexpr Meaning kMeanings[] = {
    {kCudaOutOfMemory, ErrorCode::kOutOfMemory, "end other programs that use the device"},
    {kCudaStubLibrary, ErrorCode::kEnvironment,
     "libcuda.so.1 is the stub for linking: put the driver's before it in LD_LIBRARY_PATH"},
    {kCudaDeviceUnavailable, ErrorCode::kEnvironment,
     "another process holds the device exclusively: see nvidia-smi"},
    {kCudaNoDevice, ErrorCode::kEnvironment,
     "there is no CUDA device here, or CUDA_VISIBLE_DEVICES hides it"},
    {kCudaInvalidImage, ErrorCode::kEnvironment, kBinaryHint},
    {kCudaNoBinaryForGpu, ErrorCode::kEnvironment, kBinaryHint},
    {kCudaEccUncorrectable, ErrorCode::kRunnerFailed, kLostHint},
    {kCudaInvalidPtx, ErrorCode::kEnvironment, kBinaryHint},
    {kCudaUnsupportedPtxVersion, ErrorCode::kEnvironment, kBinaryHint},
    {kCudaContained, ErrorCode::kRunnerFailed, kLostHint},
    {kCudaInvalidSource, ErrorCode::kEnvironment, kBinaryHint},
    {kCudaIllegalAddress, ErrorCode::kRunnerFailed, kLostHint},
    {kCudaLaunchTimeout, ErrorCode::kRunnerFailed, kLostHint},
    {kCudaAssert, ErrorCode::kRunnerFailed, kLostHint},
    {kCudaLaunchFailed, ErrorCode::kRunnerFailed, kLostHint},
    {kCudaSystemNotReady, ErrorCode::kEnvironment, kDriverHint},
    {kCudaSystemDriverMismatch, ErrorCode::kEnvironment, kDriverHint},
    {kCudaCompatNotSupported, ErrorCode::kEnvironment, kDriverHint},
};

Meaning meaning_of(CUresult result) {
  for (const Meaning& meaning : kMeanings) {
    if (meaning.result == result) return meaning;
  }
  // Misaligned address, illegal instruction and their like.
  if (result > 713 && result < kCudaLaunchFailed) {
    return {result, ErrorCode::kRunnerFailed, kLostHint};
  }
  return {result, ErrorCode::kInternal, ""};
}

}  // namespace

Result<void> check(const DriverApi& api, CUresult result, std::string_view action) {
  if (result == kCudaSuccess) return {};
  const char* name = nullptr;
  const char* text = nullptr;
  api.get_error_name(result, &name);
  api.get_error_string(result, &text);
  const Meaning meaning = meaning_of(result);
  return fail_with_hint(meaning.code,
                        fmt::format("the CUDA driver could not {}: {} ({})", action,
                                    name != nullptr ? name : std::to_string(result),
                                    text != nullptr ? text : "unknown error"),
                        meaning.hint);
}

Result<DriverApi> load_driver(const std::string& library) {
  void* const handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return fail_with_hint(ErrorCode::kEnvironment,
                          fmt::format("no CUDA driver here: {} cannot be loaded", library),
                          "install NVIDIA's driver, or run on a machine with an NVIDIA GPU");
  }
  DriverApi api{};
  TRY(resolve_all(handle, api));
  TRY(check(api, api.init(0), "start"));
  return api;
}

Result<const DriverApi*> driver() {
  static const Result<DriverApi> loaded = load_driver("libcuda.so.1");
  if (!loaded) return std::unexpected(loaded.error());
  return &*loaded;
}

}  // namespace nitro::cuda
