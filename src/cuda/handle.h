#pragma once

#include <memory>
#include <utility>

#include "cuda/device.h"

namespace nitro::cuda {

/// Something of a device that is given back by `kRelease`. Keeps the device open.
template <class T, CUresult (*DriverApi::*kRelease)(T)>
class Handle {
 public:
  Handle() = default;
  Handle(std::shared_ptr<const Device> device, T value)
      : device_(std::move(device)), value_(value) {}
  Handle(Handle&& other) noexcept
      : device_(std::move(other.device_)), value_(std::exchange(other.value_, T{})) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(value_, other.value_);
    return *this;
  }
  ~Handle() {
    if (value_ == T{}) return;
    const CurrentContext current(*device_);
    (device_->api().*kRelease)(value_);
  }
  T get() const { return value_; }

 private:
  std::shared_ptr<const Device> device_;
  T value_ = {};
};

using DeviceMemory = Handle<CUdeviceptr, &DriverApi::memory_free>;
using Module = Handle<CUmodule, &DriverApi::module_unload>;
using Stream = Handle<CUstream, &DriverApi::stream_destroy>;
using Event = Handle<CUevent, &DriverApi::event_destroy>;
using Graph = Handle<CUgraph, &DriverApi::graph_destroy>;
using GraphExecutable = Handle<CUgraphExec, &DriverApi::graph_executable_destroy>;

}  // namespace nitro::cuda
