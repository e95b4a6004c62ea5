#include "cuda/device_state.h"

#include <dlfcn.h>

#include <array>

namespace nitro::cuda {
namespace {

using NvmlDevice = struct nvmlDevice_st*;
constexpr int kMultiprocessorClock = 1;
constexpr int kMemoryClock = 2;
constexpr int kTemperatureOfGpu = 0;

/// The functions of nvml.h; each is null where the library lacks it.
struct Nvml {
  int (*init)();
  int (*driver_version)(char* text, unsigned size);
  int (*device_by_pci_bus_id)(const char* id, NvmlDevice* device);
  int (*clock)(NvmlDevice device, int which, unsigned* mhz);
  int (*max_clock)(NvmlDevice device, int which, unsigned* mhz);
  int (*temperature)(NvmlDevice device, int sensor, unsigned* celsius);
  int (*power)(NvmlDevice device, unsigned* milliwatts);
  int (*clock_reasons)(NvmlDevice device, unsigned long long* bits);
};

template <class Function>
void resolve(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
}

/// Stays loaded. All null where it cannot be used.
const Nvml& nvml() {
  static const Nvml loaded = [] {
    Nvml api{};
    void* const library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return api;
    resolve(library, "nvmlInit_v2", api.init);
    if (api.init == nullptr || api.init() != 0) return Nvml{};
    resolve(library, "nvmlSystemGetDriverVersion", api.driver_version);
    resolve(library, "nvmlDeviceGetHandleByPciBusId_v2", api.device_by_pci_bus_id);
    resolve(library, "nvmlDeviceGetClockInfo", api.clock);
    resolve(library, "nvmlDeviceGetMaxClockInfo", api.max_clock);
    resolve(library, "nvmlDeviceGetTemperature", api.temperature);
    resolve(library, "nvmlDeviceGetPowerUsage", api.power);
    resolve(library, "nvmlDeviceGetCurrentClocksThrottleReasons", api.clock_reasons);
    return api;
  }();
  return loaded;
}

/// What `function` writes last of its arguments; 0 where it fails or is missing.
template <class T, class Function, class... Arguments>
T ask(Function function, Arguments... arguments) {
  T value = 0;
  if (function == nullptr || function(arguments..., &value) != 0) return 0;
  return value;
}

void read_nvml(const Device& device, DeviceState& state) {
  const Nvml& api = nvml();
  std::array<char, 96> text{};
  if (api.driver_version != nullptr && api.driver_version(text.data(), text.size()) == 0) {
    state.driver = text.data();
  }
  NvmlDevice handle = nullptr;
  if (device.api().device_get_pci_bus_id(text.data(), text.size(), device.handle()) != 0 ||
      api.device_by_pci_bus_id == nullptr ||
      api.device_by_pci_bus_id(text.data(), &handle) != 0) {
    return;
  }
  state.multiprocessor_mhz = ask<unsigned>(api.clock, handle, kMultiprocessorClock);
  state.memory_mhz = ask<unsigned>(api.clock, handle, kMemoryClock);
  state.multiprocessor_max_mhz = ask<unsigned>(api.max_clock, handle, kMultiprocessorClock);
  state.memory_max_mhz = ask<unsigned>(api.max_clock, handle, kMemoryClock);
  state.temperature_celsius = ask<unsigned>(api.temperature, handle, kTemperatureOfGpu);
  state.power_watts = ask<unsigned>(api.power, handle) / 1000.0;
  state.clock_reasons = ask<unsigned long long>(api.clock_reasons, handle);
}

int attribute(const Device& device, CUdevice_attribute which) {
  int value = 0;
  return device.api().device_get_attribute(&value, which, device.handle()) == 0 ? value : 0;
}

}  // namespace

DeviceState read_device_state(const Device& device) {
  DeviceState state;
  state.name = device.name();
  state.cuda =
      fmt::format("{}.{}", device.driver_version() / 1000, device.driver_version() % 1000 / 10);
  state.compute_capability = device.target().compute_capability;
  state.multiprocessors = device.target().multiprocessors;
  size_t bytes = 0;
  if (device.api().device_total_mem(&bytes, device.handle()) == kCudaSuccess) {
    state.memory_bytes = static_cast<int64_t>(bytes);
  }
  state.l2_bytes = attribute(device, CUdevice_attribute::kL2CacheSize);
  read_nvml(device, state);
  if (state.multiprocessor_max_mhz == 0) {
    state.multiprocessor_max_mhz = attribute(device, CUdevice_attribute::kClockRate) / 1000;
  }
  if (state.memory_max_mhz == 0) {
    state.memory_max_mhz = attribute(device, CUdevice_attribute::kMemoryClockRate) / 1000;
  }
  return state;
}

Json to_json(const DeviceState& state) {
  Json json = Json::object();
  json["name"] = state.name;
  json["driver"] = state.driver;
  json["cuda"] = state.cuda;
  json["compute_capability"] = state.compute_capability;
  json["multiprocessors"] = state.multiprocessors;
  json["memory_bytes"] = state.memory_bytes;
  json["l2_bytes"] = state.l2_bytes;
  json["multiprocessor_mhz"] = state.multiprocessor_mhz;
  json["multiprocessor_max_mhz"] = state.multiprocessor_max_mhz;
  json["memory_mhz"] = state.memory_mhz;
  json["memory_max_mhz"] = state.memory_max_mhz;
  json["temperature_celsius"] = state.temperature_celsius;
  json["power_watts"] = state.power_watts;
  json["clock_reasons"] = state.clock_reasons;
  return json;
}

}  // namespace nitro::cuda
