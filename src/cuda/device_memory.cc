#include "cuda/device_memory.h"

#include <algorithm>

#include "plan/plan.h"

namespace nitro::cuda {

Result<DeviceMemory> allocate(const std::shared_ptr<const Device>& device, int64_t bytes,
                              std::string_view purpose) {
  const CurrentContext current(*device);
  const DriverApi& api = device->api();
  const auto wanted = static_cast<size_t>(std::max(bytes, plan::kAlignment));
  CUdeviceptr memory = 0;
  const CUresult result = api.memory_alloc(&memory, wanted);
  if (result == kCudaOutOfMemory) {
    size_t free = 0;
    size_t total = 0;
    api.memory_get_info(&free, &total);
    return fail_with_hint(
        ErrorCode::kOutOfMemory,
        fmt::format("{} has {} of {} MiB free and cannot give {} MiB for {}", device->name(),
                    free >> 20, total >> 20, (wanted >> 20) + 1, purpose),
        "end other programs that use the device, or run a smaller model or batch");
  }
  TRY(device->check(result, fmt::format("give {} bytes for {}", wanted, purpose)));
  return DeviceMemory(device, memory);
}

Result<void> copy_to_device(const Device& device, CUdeviceptr target,
                            std::span<const std::byte> source, CUstream stream) {
  if (source.empty()) return {};
  const CurrentContext current(device);
  TRY(device.check(
      device.api().copy_to_device(target, source.data(), source.size_bytes(), stream),
      "copy to the device"));
  return synchronize(device, stream);
}

Result<void> copy_to_host(const Device& device, std::span<std::byte> target, CUdeviceptr source,
                          CUstream stream) {
  if (target.empty()) return {};
  const CurrentContext current(device);
  TRY(device.check(device.api().copy_to_host(target.data(), source, target.size_bytes(), stream),
                   "copy from the device"));
  return synchronize(device, stream);
}

Result<void> synchronize(const Device& device, CUstream stream) {
  const CurrentContext current(device);
  return device.check(device.api().stream_synchronize(stream), "finish the work given to it");
}

}  // namespace nitro::cuda
