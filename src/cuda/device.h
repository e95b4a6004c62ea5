#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cuda/driver.h"
#include "cuda/target.h"

namespace nitro::cuda {

/// A GPU and its primary context, which other users of CUDA in this process share.
class Device {
 public:
  /// The number is that of the driver (CUDA_VISIBLE_DEVICES applies). kUsage where there is none.
  static Result<std::shared_ptr<const Device>> open(int number);
  /// Of another driver than the machine's, which must outlive the device.
  static Result<std::shared_ptr<const Device>> open(int number, const DriverApi& api);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  ~Device();

  const DriverApi& api() const { return *api_; }
  CUcontext context() const { return context_; }
  CUdevice handle() const { return handle_; }
  const std::string& name() const { return name_; }
  const Target& target() const { return target_; }
  /// The newest CUDA that the driver speaks, 1000 * major + 10 * minor.
  int driver_version() const { return driver_version_; }

  Result<void> check(CUresult result, std::string_view action) const {
    return cuda::check(*api_, result, action);
  }

 private:
  Device(const DriverApi* api, CUdevice handle, CUcontext context)
      : api_(api), handle_(handle), context_(context) {}
  Result<void> describe();

  const DriverApi* api_;
  CUdevice handle_;
  CUcontext context_;
  std::string name_;
  Target target_;
  int driver_version_ = 0;
};

/// While it lives, calls of this thread go to the device's context; then to the one before.
class CurrentContext {
 public:
  explicit CurrentContext(const Device& device)
      : device_(device), pushed_(device.api().context_push(device.context()) == kCudaSuccess) {}
  CurrentContext(const CurrentContext&) = delete;
  CurrentContext& operator=(const CurrentContext&) = delete;
  ~CurrentContext() {
    CUcontext popped = nullptr;
    if (pushed_) device_.api().context_pop(&popped);
  }

 private:
  const Device& device_;
  bool pushed_;
};

}  // namespace nitro::cuda
