#pragma once

#include <memory>
#include <semaphore>

#include "cuda/device.h"

namespace nitro::cuda {

/// Holds a stream back until it is opened, so that what is put into the stream meanwhile runs
/// without waiting for the host in between. At most a few hundred things: where the driver's queue
/// is full the host waits for it, until the gate opens by itself after two seconds.
class StreamGate {
 public:
  /// The device's context must be current.
  static Result<StreamGate> close(const Device& device, CUstream stream);
  StreamGate(StreamGate&&) noexcept = default;
  StreamGate& operator=(StreamGate&&) = delete;
  ~StreamGate() { open(); }

  void open();

 private:
  explicit StreamGate(std::shared_ptr<std::binary_semaphore> opened)
      : opened_(std::move(opened)) {}
  std::shared_ptr<std::binary_semaphore> opened_;
};

}  // namespace nitro::cuda
