#include "cuda/device.h"

#include <array>

namespace nitro::cuda {
namespace {

Result<int> attribute(const DriverApi& api, CUdevice device, CUdevice_attribute which) {
  int value = 0;
  TRY(check(api, api.device_get_attribute(&value, which, device), "describe a device"));
  return value;
}

}  // namespace

Result<std::shared_ptr<const Device>> Device::open(int number) {
  return open(number, *TRY(driver()));
}

Result<std::shared_ptr<const Device>> Device::open(int number, const DriverApi& api) {
  int count = 0;
  TRY(cuda::check(api, api.device_get_count(&count), "count the devices"));
  if (number < 0 || number >= count) {
    return fail(ErrorCode::kUsage, "there is no CUDA device {}: this machine has {}", number,
                count);
  }
  CUdevice handle = 0;
  TRY(cuda::check(api, api.device_get(&handle, number), "open a device"));
  CUcontext context = nullptr;
  TRY(cuda::check(api, api.primary_context_retain(&context, handle), "open a device"));
  std::shared_ptr<Device> device(new Device(&api, handle, context));
  TRY(device->describe());
  return device;
}

Result<void> Device::describe() {
  std::array<char, 256> name{};
  TRY(check(api_->device_get_name(name.data(), name.size(), handle_), "describe a device"));
  name_ = name.data();
  TRY(check(api_->driver_get_version(&driver_version_), "tell its version"));
  const auto of = [&](CUdevice_attribute which) { return attribute(*api_, handle_, which); };
  target_.compute_capability = 10 * TRY(of(CUdevice_attribute::kComputeCapabilityMajor)) +
                               TRY(of(CUdevice_attribute::kComputeCapabilityMinor));
  target_.multiprocessors = TRY(of(CUdevice_attribute::kMultiprocessorCount));
  target_.shared_bytes_per_block = TRY(of(CUdevice_attribute::kMaxSharedMemoryPerBlockOptin));
  target_.registers_per_block = TRY(of(CUdevice_attribute::kMaxRegistersPerBlock));
  target_.wgmma = target_of(target_.compute_capability).wgmma;
  return {};
}

Device::~Device() { api_->primary_context_release(handle_); }

}  // namespace nitro::cuda
