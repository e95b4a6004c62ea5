#pragma once

#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "cuda/driver_api.h"

namespace nitro::cuda {

/// A driver for tests without a device. Device memory is the host's; a kernel is a function of the
/// test, found by the order in which modules are loaded, again and again; streams run when they are
/// waited for, each launch in a millisecond. There is one at a time.
class FakeDriver {
 public:
  struct Kernel {
    size_t arguments = 0;
    std::function<void(std::span<const CUdeviceptr> arguments)> run;
  };
  struct Launch {
    size_t kernel = 0;
    std::vector<CUdeviceptr> arguments;
    unsigned grid = 0;
    unsigned shared_bytes = 0;
    unsigned cluster = 1;
    bool overlap = false;
  };

  explicit FakeDriver(std::vector<Kernel> all) : kernels(std::move(all)) { current = this; }
  FakeDriver(const FakeDriver&) = delete;
  FakeDriver& operator=(const FakeDriver&) = delete;
  ~FakeDriver() { current = nullptr; }

  DriverApi api();

  std::vector<Kernel> kernels;
  int compute_capability = 90;
  int driver_version = 12080;
  size_t free_memory = size_t{1} << 30;
  CUresult launch_result = kCudaSuccess;       // of the next launches
  CUresult synchronize_result = kCudaSuccess;  // and waits

  std::vector<Launch> launches;  // that have run
  int live = 0;                  // handles that were not given back
  int allocations = 0;           // of memory, so far
  int graph_launches = 0;
  int most_shared_bytes = 0;  // that was allowed

 private:
  using Work = std::vector<std::function<void()>>;

  template <class T>
  static CUresult make(T* handle) {
    ++current->live;
    *handle = reinterpret_cast<T>(++current->last_handle_ * 16);
    return kCudaSuccess;
  }
  template <class T>
  static CUresult give_back(T) {
    --current->live;
    return kCudaSuccess;
  }
  static CUresult put(std::function<void()> work) {
    (current->capturing_ ? current->captured_ : current->queue_).push_back(std::move(work));
    return kCudaSuccess;
  }
  static CUresult put_launch(CUfunction function, unsigned grid, unsigned shared_bytes,
                             void** arguments, unsigned cluster, bool overlap);
  static CUresult run_queue();
  void memory_functions(DriverApi& api);
  void device_functions(DriverApi& api);
  void launch_functions(DriverApi& api);
  void graph_functions(DriverApi& api);

  inline static FakeDriver* current = nullptr;

  uintptr_t last_handle_ = 0;
  uintptr_t modules_ = 0;
  bool capturing_ = false;
  Work queue_;
  Work captured_;
  std::map<CUgraph, Work> graphs_;
  std::map<CUgraphExec, Work> executables_;
  std::map<CUevent, size_t> events_;  // launches before each
};

inline CUresult FakeDriver::put_launch(CUfunction function, unsigned grid, unsigned shared_bytes,
                                       void** arguments, unsigned cluster, bool overlap) {
  if (current->launch_result != kCudaSuccess) return current->launch_result;
  const size_t module = reinterpret_cast<uintptr_t>(function) - 1;
  Launch launch = {module % current->kernels.size(), {}, grid, shared_bytes, cluster, overlap};
  const Kernel& kernel = current->kernels.at(launch.kernel);
  for (size_t i = 0; i < kernel.arguments; ++i) {
    launch.arguments.push_back(*static_cast<CUdeviceptr*>(arguments[i]));
  }
  return put([launch] {
    current->kernels[launch.kernel].run(launch.arguments);
    current->launches.push_back(launch);
  });
}

inline CUresult FakeDriver::run_queue() {
  for (const auto& work : std::exchange(current->queue_, {})) work();
  return current->synchronize_result;
}

inline DriverApi FakeDriver::api() {
  DriverApi api{};
  device_functions(api);
  memory_functions(api);
  launch_functions(api);
  graph_functions(api);
  return api;
}

inline void FakeDriver::device_functions(DriverApi& api) {
  api.driver_get_version = [](int* version) {
    *version = current->driver_version;
    return kCudaSuccess;
  };
  api.get_error_name = [](CUresult, const char** name) {
    *name = "CUDA_ERROR_OF_TEST";
    return kCudaSuccess;
  };
  api.get_error_string = api.get_error_name;
  api.device_get_count = [](int* count) {
    *count = 1;
    return kCudaSuccess;
  };
  api.device_get = [](CUdevice* device, int) {
    *device = 0;
    return kCudaSuccess;
  };
  api.device_get_name = [](char* name, int, CUdevice) {
    std::strcpy(name, "Fake");
    return kCudaSuccess;
  };
  api.device_get_attribute = [](int* value, CUdevice_attribute attribute, CUdevice) {
    const int major = current->compute_capability / 10;
    const int minor = current->compute_capability % 10;
    const bool is_major = attribute == CUdevice_attribute::kComputeCapabilityMajor;
    const bool is_minor = attribute == CUdevice_attribute::kComputeCapabilityMinor;
    *value = is_major ? major : is_minor ? minor : 100 << 10;
    return kCudaSuccess;
  };
  api.device_total_mem = [](size_t* bytes, CUdevice) {
    *bytes = current->free_memory;
    return kCudaSuccess;
  };
  api.device_get_pci_bus_id = [](char*, int, CUdevice) { return kCudaNoDevice; };
  api.primary_context_retain = [](CUcontext* context, CUdevice) { return make(context); };
  api.primary_context_release = [](CUdevice device) { return give_back(device); };
  api.context_push = [](CUcontext) { return kCudaSuccess; };
  api.context_pop = [](CUcontext*) { return kCudaSuccess; };
}

inline void FakeDriver::memory_functions(DriverApi& api) {
  api.memory_get_info = [](size_t* free, size_t* total) {
    *free = *total = current->free_memory;
    return kCudaSuccess;
  };
  api.memory_alloc = [](CUdeviceptr* memory, size_t bytes) {
    if (bytes > current->free_memory) return kCudaOutOfMemory;
    ++current->live;
    ++current->allocations;
    *memory = reinterpret_cast<CUdeviceptr>(std::aligned_alloc(256, (bytes + 255) / 256 * 256));
    return kCudaSuccess;
  };
  api.memory_free = [](CUdeviceptr memory) {
    std::free(reinterpret_cast<void*>(memory));
    return give_back(memory);
  };
  api.copy_to_device = [](CUdeviceptr target, const void* source, size_t bytes, CUstream) {
    return put([=] { std::memcpy(reinterpret_cast<void*>(target), source, bytes); });
  };
  api.copy_to_host = [](void* target, CUdeviceptr source, size_t bytes, CUstream) {
    return put([=] { std::memcpy(target, reinterpret_cast<void*>(source), bytes); });
  };
  api.memory_set = [](CUdeviceptr memory, unsigned char value, size_t bytes, CUstream) {
    return put([=] { std::memset(reinterpret_cast<void*>(memory), value, bytes); });
  };
}

inline void FakeDriver::launch_functions(DriverApi& api) {
  api.module_load_data = [](CUmodule* module, const void*) {
    ++current->live;
    *module = reinterpret_cast<CUmodule>(++current->modules_);
    return kCudaSuccess;
  };
  api.module_unload = [](CUmodule module) { return give_back(module); };
  api.module_get_function = [](CUfunction* function, CUmodule module, const char*) {
    *function = reinterpret_cast<CUfunction>(module);
    return kCudaSuccess;
  };
  api.function_set_attribute = [](CUfunction, CUfunction_attribute attribute, int value) {
    if (attribute == CUfunction_attribute::kMaxDynamicSharedSizeBytes) {
      current->most_shared_bytes = value;
    }
    return kCudaSuccess;
  };
  api.function_get_attribute = [](int* value, CUfunction_attribute, CUfunction) {
    *value = 0;
    return kCudaSuccess;
  };
  api.occupancy = [](int* blocks, CUfunction, int, size_t) {
    *blocks = 1;
    return kCudaSuccess;
  };
  api.launch_kernel = [](CUfunction function, unsigned grid, unsigned, unsigned, unsigned, unsigned,
                         unsigned, unsigned shared_bytes, CUstream, void** arguments, void**) {
    return put_launch(function, grid, shared_bytes, arguments, 1, false);
  };
  api.launch_kernel_ex = [](const CUlaunchConfig* config, CUfunction function, void** arguments,
                            void**) {
    unsigned cluster = 1;
    bool overlap = false;
    for (unsigned i = 0; i < config->attribute_count; ++i) {
      const CUlaunchAttribute& attribute = config->attributes[i];
      if (attribute.id == CUlaunchAttributeID::kClusterDimension) {
        cluster = attribute.cluster_dimension.x;
      } else {
        overlap = attribute.programmatic_stream_serialization_allowed != 0;
      }
    }
    return put_launch(function, config->grid_x, config->shared_bytes, arguments, cluster, overlap);
  };
  api.launch_host_function = [](CUstream, void (*function)(void*), void* argument) {
    return put([=] { function(argument); });
  };
}

inline void FakeDriver::graph_functions(DriverApi& api) {
  api.stream_create = [](CUstream* stream, unsigned) { return make(stream); };
  api.stream_destroy = [](CUstream stream) { return give_back(stream); };
  api.stream_synchronize = [](CUstream) { return run_queue(); };
  api.event_create = [](CUevent* event, unsigned) { return make(event); };
  api.event_destroy = [](CUevent event) { return give_back(event); };
  api.event_record = [](CUevent event, CUstream) {
    return put([event] { current->events_[event] = current->launches.size(); });
  };
  api.event_elapsed = [](float* milliseconds, CUevent start, CUevent end) {
    *milliseconds = static_cast<float>(current->events_[end] - current->events_[start]);
    return kCudaSuccess;
  };
  api.begin_capture = [](CUstream, int) {
    current->capturing_ = true;
    return kCudaSuccess;
  };
  api.end_capture = [](CUstream, CUgraph* graph) {
    current->capturing_ = false;
    make(graph);
    current->graphs_[*graph] = std::exchange(current->captured_, {});
    return kCudaSuccess;
  };
  api.graph_destroy = [](CUgraph graph) { return give_back(graph); };
  api.graph_instantiate = [](CUgraphExec* executable, CUgraph graph, unsigned long long) {
    make(executable);
    current->executables_[*executable] = current->graphs_[graph];
    return kCudaSuccess;
  };
  api.graph_executable_destroy = [](CUgraphExec executable) { return give_back(executable); };
  api.graph_launch = [](CUgraphExec executable, CUstream) {
    ++current->graph_launches;
    for (const auto& work : current->executables_[executable]) put(work);
    return kCudaSuccess;
  };
}

}  // namespace nitro::cuda
