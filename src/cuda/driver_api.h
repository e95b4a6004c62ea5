#pragma once

#include <cstddef>
#include <cstdint>

// What NVIDIA's cuda.h names like this, so that handles can be passed to and from code that uses it.
struct CUctx_st;
struct CUmod_st;
struct CUfunc_st;
struct CUstream_st;
struct CUevent_st;
struct CUgraph_st;
struct CUgraphExec_st;

/// The part of the CUDA driver's interface that Nitro uses: names, values and layouts are those of
/// cuda.h, which is not needed to build.
namespace nitro::cuda {

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = uint64_t;
using CUcontext = ::CUctx_st*;
using CUmodule = ::CUmod_st*;
using CUfunction = ::CUfunc_st*;
using CUstream = ::CUstream_st*;
using CUevent = ::CUevent_st*;
using CUgraph = ::CUgraph_st*;
using CUgraphExec = ::CUgraphExec_st*;

inline constexpr CUresult kCudaSuccess = 0;
inline constexpr CUresult kCudaOutOfMemory = 2;
inline constexpr CUresult kCudaStubLibrary = 34;
inline constexpr CUresult kCudaDeviceUnavailable = 46;
inline constexpr CUresult kCudaNoDevice = 100;
inline constexpr CUresult kCudaInvalidImage = 200;
inline constexpr CUresult kCudaNoBinaryForGpu = 209;
inline constexpr CUresult kCudaEccUncorrectable = 214;
inline constexpr CUresult kCudaInvalidPtx = 218;
inline constexpr CUresult kCudaUnsupportedPtxVersion = 222;
inline constexpr CUresult kCudaContained = 226;
inline constexpr CUresult kCudaInvalidSource = 300;
inline constexpr CUresult kCudaIllegalAddress = 700;
inline constexpr CUresult kCudaLaunchTimeout = 702;
inline constexpr CUresult kCudaAssert = 710;
inline constexpr CUresult kCudaLaunchFailed = 719;
inline constexpr CUresult kCudaSystemNotReady = 802;
inline constexpr CUresult kCudaSystemDriverMismatch = 803;
inline constexpr CUresult kCudaCompatNotSupported = 804;

enum class CUdevice_attribute : int {
  kMaxThreadsPerBlock = 1,
  kMaxRegistersPerBlock = 12,
  kClockRate = 13,  // kHz
  kMultiprocessorCount = 16,
  kIntegrated = 18,
  kMemoryClockRate = 36,  // kHz
  kL2CacheSize = 38,      // bytes
  kComputeCapabilityMajor = 75,
  kComputeCapabilityMinor = 76,
  kMaxSharedMemoryPerBlockOptin = 97,
};

enum class CUfunction_attribute : int {
  kSharedSizeBytes = 1,  // static
  kLocalSizeBytes = 3,   // of a thread
  kNumRegs = 4,
  kMaxDynamicSharedSizeBytes = 8,
  kNonPortableClusterSizeAllowed = 14,
};

enum class CUlaunchAttributeID : int {
  kClusterDimension = 4,
  kProgrammaticStreamSerialization = 6,
};

struct CUlaunchAttribute {
  CUlaunchAttributeID id = {};
  char padding[4] = {};
  union {
    char bytes[64] = {};
    struct {
      unsigned x, y, z;
    } cluster_dimension;
    int programmatic_stream_serialization_allowed;
  };
};
static_assert(sizeof(CUlaunchAttribute) == 72 && offsetof(CUlaunchAttribute, bytes) == 8);

struct CUlaunchConfig {
  unsigned grid_x, grid_y, grid_z;
  unsigned block_x, block_y, block_z;
  unsigned shared_bytes;
  CUstream stream;
  CUlaunchAttribute* attributes;
  unsigned attribute_count;
};
static_assert(offsetof(CUlaunchConfig, stream) == 32 && sizeof(CUlaunchConfig) == 56);

inline constexpr unsigned kStreamNonBlocking = 1;
inline constexpr unsigned kEventDefault = 0;
inline constexpr int kCaptureThreadLocal = 1;

/// The driver's functions; those marked optional are null where the driver is too old for them.
struct DriverApi {
  CUresult (*init)(unsigned flags);
  CUresult (*driver_get_version)(int* version);
  CUresult (*get_error_name)(CUresult error, const char** name);
  CUresult (*get_error_string)(CUresult error, const char** text);

  CUresult (*device_get_count)(int* count);
  CUresult (*device_get)(CUdevice* device, int ordinal);
  CUresult (*device_get_name)(char* name, int size, CUdevice device);
  CUresult (*device_get_attribute)(int* value, CUdevice_attribute attribute, CUdevice device);
  CUresult (*device_get_pci_bus_id)(char* id, int size, CUdevice device);
  CUresult (*device_total_mem)(size_t* bytes, CUdevice device);
  CUresult (*primary_context_retain)(CUcontext* context, CUdevice device);
  CUresult (*primary_context_release)(CUdevice device);
  CUresult (*context_push)(CUcontext context);
  CUresult (*context_pop)(CUcontext* context);

  CUresult (*module_load_data)(CUmodule* module, const void* image);
  CUresult (*module_unload)(CUmodule module);
  CUresult (*module_get_function)(CUfunction* function, CUmodule module, const char* name);
  CUresult (*function_set_attribute)(CUfunction function, CUfunction_attribute attribute,
                                     int value);
  CUresult (*function_get_attribute)(int* value, CUfunction_attribute attribute,
                                     CUfunction function);
  CUresult (*occupancy)(int* blocks, CUfunction function, int threads, size_t shared_bytes);

  CUresult (*memory_get_info)(size_t* free, size_t* total);
  CUresult (*memory_alloc)(CUdeviceptr* memory, size_t bytes);
  CUresult (*memory_free)(CUdeviceptr memory);
  CUresult (*copy_to_device)(CUdeviceptr target, const void* source, size_t bytes, CUstream stream);
  CUresult (*copy_to_host)(void* target, CUdeviceptr source, size_t bytes, CUstream stream);
  CUresult (*memory_set)(CUdeviceptr memory, unsigned char value, size_t bytes, CUstream stream);

  CUresult (*stream_create)(CUstream* stream, unsigned flags);
  CUresult (*stream_destroy)(CUstream stream);
  CUresult (*stream_synchronize)(CUstream stream);
  CUresult (*event_create)(CUevent* event, unsigned flags);
  CUresult (*event_destroy)(CUevent event);
  CUresult (*event_record)(CUevent event, CUstream stream);
  CUresult (*event_elapsed)(float* milliseconds, CUevent start, CUevent end);

  CUresult (*launch_host_function)(CUstream stream, void (*function)(void*), void* argument);
  CUresult (*launch_kernel)(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                            unsigned block_x, unsigned block_y, unsigned block_z,
                            unsigned shared_bytes, CUstream stream, void** arguments,
                            void** extra);
  /// Optional (CUDA 11.8): launches with attributes.
  CUresult (*launch_kernel_ex)(const CUlaunchConfig* config, CUfunction function, void** arguments,
                               void** extra);

  CUresult (*begin_capture)(CUstream stream, int mode);
  CUresult (*end_capture)(CUstream stream, CUgraph* graph);
  CUresult (*graph_destroy)(CUgraph graph);
  /// Optional (CUDA 11.4); before, graph_instantiate_old.
  CUresult (*graph_instantiate)(CUgraphExec* executable, CUgraph graph, unsigned long long flags);
  CUresult (*graph_instantiate_old)(CUgraphExec* executable, CUgraph graph, void** error_node,
                                    char* log, size_t log_size);
  CUresult (*graph_executable_destroy)(CUgraphExec executable);
  CUresult (*graph_launch)(CUgraphExec executable, CUstream stream);
  /// Optional (CUDA 11.1): moves the graph to the device before its first launch.
  CUresult (*graph_upload)(CUgraphExec executable, CUstream stream);
};

}  // namespace nitro::cuda
